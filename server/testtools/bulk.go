package testtools

import (
	"context"
	"fmt"
	"math/rand"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

// maxBulk is how many incidents one command may make.
const maxBulk = 1000

// bulk says which incidents to make.
type bulk struct {
	ongoing, ended int
	begin, end     time.Time
	seed           int64
}

func parseBulk(words []string, now time.Time) (bulk, error) {
	b := bulk{seed: now.Unix()}
	if len(words) < 4 {
		return b, capability.UsageError("Give two numbers and two dates: `/incident test bulk-data [ongoing] [ended] [begin] [end] [seed]`.")
	}
	var err error
	if b.ongoing, err = strconv.Atoi(words[0]); err != nil {
		return b, capability.UsageError("The number of ongoing incidents must be a whole number, for example 5.")
	}
	if b.ended, err = strconv.Atoi(words[1]); err != nil {
		return b, capability.UsageError("The number of ended incidents must be a whole number, for example 5.")
	}
	if b.begin, err = parseDay("begin date", words[2]); err != nil {
		return b, err
	}
	if b.end, err = parseDay("end date", words[3]); err != nil {
		return b, err
	}
	if len(words) > 4 {
		if b.seed, err = strconv.ParseInt(words[4], 10, 64); err != nil {
			return b, capability.UsageError("The seed must be a whole number of at most 64 bits, for example 42.")
		}
	}
	return b, b.check()
}

func (b *bulk) check() error {
	switch {
	case b.ongoing == 0 && b.ended == 0:
		return capability.UsageError("Nothing was created: both numbers are 0. Give at least one that is not.")
	case b.ongoing < 0 || b.ended < 0:
		return capability.UsageError("Nothing was created: the numbers of incidents must not be negative. Use 0 for none.")
	case b.ongoing > maxBulk || b.ended > maxBulk || b.ongoing+b.ended > maxBulk:
		return capability.UsageError("Nothing was created: at most %d incidents can be made at once.", maxBulk)
	case !b.end.After(b.begin):
		return capability.UsageError("Nothing was created: the end date must be after the begin date.")
	}
	return nil
}

// draft is an incident to be made.
type draft struct {
	playbookID, name string
	createAt         int64 // Unix ms
}

// drafts draws the incidents: the same bulk and playbooks give the same drafts.
func (b *bulk) drafts(books []playbook.Playbook) []draft {
	random := rand.New(rand.NewSource(b.seed)) //nolint:gosec // test data must be reproducible, it protects nothing
	list := make([]draft, b.ongoing+b.ended)
	for i := range list {
		list[i].createAt = millis(b.begin) + random.Int63n(millis(b.end)-millis(b.begin))
	}
	for i := range list {
		list[i].playbookID = books[random.Intn(len(books))].ID
		list[i].name = incidentTitles[random.Intn(len(incidentTitles))]
		if random.Intn(3) == 0 {
			list[i].name = "[" + companies[random.Intn(len(companies))] + "] " + list[i].name
		}
	}
	return list
}

// bulkData makes many incidents.
func (t *tools) bulkData(ctx context.Context, c *capability.Call) error {
	b, err := parseBulk(c.Words, time.Now())
	if err != nil {
		return err
	}
	books, err := t.svc.MemberPlaybooks(ctx, c.UserId, c.TeamId)
	if err != nil {
		return err
	}
	if len(books) == 0 {
		return capability.UsageError("Nothing was created: you are a member of no playbook of this team. Create a playbook first, or ask a member to share one with you.")
	}
	books = append([]playbook.Playbook(nil), books...)
	sort.Slice(books, func(i, j int) bool { return books[i].ID < books[j].ID })

	drafts := b.drafts(books)
	made := make([]incident.Incident, 0, len(drafts))
	links := make([]string, 0, len(drafts))
	for _, d := range drafts {
		inc, link, err := t.startAt(ctx, c, d.playbookID, d.name, d.createAt)
		if err != nil {
			c.Say(fmt.Sprintf("Only %d of %d incidents were created, and none was ended.", len(made), len(drafts)))
			return err
		}
		made, links = append(made, inc), append(links, link)
	}
	for i := 0; i < b.ended; i++ {
		if err := t.svc.End(ctx, c.UserId, made[i].ID); err != nil {
			c.Say(fmt.Sprintf("All %d incidents were created, but only %d of %d were ended.", len(made), i, b.ended))
			return err
		}
	}
	c.Say(bulkTable(drafts, links, b.ended))
	return nil
}

// bulkTable lists the made incidents, of which the first ended ones have ended. Rows beyond the length of a post are counted only.
func bulkTable(drafts []draft, links []string, ended int) string {
	const reserved = 100 // for the line about the rest
	var text strings.Builder
	text.WriteString("The test data was created:\n\n| Incident | Created | State |\n|---|---|---|\n")
	length := utf8.RuneCountInString(text.String())
	for i, d := range drafts {
		state := "Ongoing"
		if i < ended {
			state = "Ended"
		}
		row := "| " + links[i] + " | " + time.Unix(d.createAt/1000, 0).UTC().Format(dayFormat) + " | " + state + " |\n"
		length += utf8.RuneCountInString(row)
		if length > incident.MaxMessage-reserved {
			text.WriteString(fmt.Sprintf("\nand %d more.", len(drafts)-i))
			break
		}
		text.WriteString(row)
	}
	return text.String()
}
