package followups

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

const (
	// maxSaid is how many follow-ups a command lists.
	maxSaid = 25
	addHint = "<title> [@owner] [due 2026-12-01 | due in 3d]"
)

func (f *followups) commands() []capability.Command {
	return []capability.Command{
		{Name: "followup", Suggestion: suggestion, Run: f.command, Usage: []capability.Usage{
			{Arguments: " add " + addHint, Help: i18n.N("Add a follow-up to the incident of this channel. In a thread it links to the thread's first message.")},
			{Arguments: " list", Help: i18n.N("List the follow-ups of the incident of this channel.")},
			{Arguments: " done <number or id>", Help: i18n.N("Mark a follow-up as done.")},
			{Arguments: " drop <number or id> <reason>", Help: i18n.N("Drop a follow-up that will not be done.")},
		}},
		{Name: "followups", Suggestion: mineSuggestion, Run: f.mine, Usage: []capability.Usage{
			{Help: i18n.N("List your open follow-ups of all incidents.")},
		}},
	}
}

func suggestion() *model.AutocompleteData {
	data := model.NewAutocompleteData("followup", "[add/list/done/drop]", i18n.N("Add, list and close follow-ups of the incident of this channel"))
	add := model.NewAutocompleteData("add", addHint, i18n.N("Add a follow-up to the incident of this channel"))
	add.AddTextArgument(i18n.N("What is to be done, by whom and until when"), addHint, "")
	done := model.NewAutocompleteData("done", "<number or id>", i18n.N("Mark a follow-up as done"))
	done.AddTextArgument(i18n.N("The number of the follow-up"), "<number or id>", "")
	drop := model.NewAutocompleteData("drop", "<number or id> <reason>", i18n.N("Drop a follow-up that will not be done"))
	drop.AddTextArgument(i18n.N("The number of the follow-up, and why it is dropped"), "<number or id> <reason>", "")
	for _, sub := range []*model.AutocompleteData{add, model.NewAutocompleteData("list", "", i18n.N("List the follow-ups of the incident of this channel")), done, drop} {
		data.AddCommand(sub)
	}
	return data
}

func mineSuggestion() *model.AutocompleteData {
	return model.NewAutocompleteData("followups", "", i18n.N("List your open follow-ups of all incidents"))
}

func (f *followups) command(ctx context.Context, c *capability.Call) error {
	name := ""
	if len(c.Words) > 0 {
		name, c.Words = strings.ToLower(c.Words[0]), c.Words[1:]
	}
	switch name {
	case "add":
		return f.addByCommand(ctx, c)
	case "list":
		return f.listByCommand(ctx, c)
	case "done":
		return f.doneByCommand(ctx, c)
	case "drop":
		return f.dropByCommand(ctx, c)
	default:
		return capability.UsageError("Say what to do: `/incident followup add %s`, `/incident followup list`, `/incident followup done <number>` or `/incident followup drop <number> <reason>`.", addHint)
	}
}

func (f *followups) addByCommand(ctx context.Context, c *capability.Call) error {
	inc, err := c.Incident(ctx)
	if err != nil {
		return err
	}
	if _, err := f.mayAdd(ctx, c.UserId, inc.ID); err != nil {
		return err
	}
	zone := f.zone(c.UserId)
	a, err := readArguments(c.Words, zone, f.clock())
	if err != nil {
		return err
	}
	d := Draft{Title: a.title, DueAt: a.due, Source: FromCommand}
	if c.RootId != "" {
		d.Source, d.PostID = FromMessage, c.RootId
	}
	if a.owner != "" {
		owner, err := f.host.UserByUsername(a.owner)
		switch _, refused := incident.AsError(err); {
		case refused:
			d.OwnerID = inc.ChannelID // which is nobody's: who does not exist is refused as others are
		case err != nil:
			return err
		default:
			d.OwnerID = owner.Id
		}
	}
	made, err := f.Create(ctx, c.UserId, inc.ID, d)
	if err != nil {
		return asTyped(err)
	}
	l := f.svc.Language(c.UserId)
	c.Say(l.T("Added the follow-up %s.", summary(l, &made, zone)))
	return nil
}

// asTyped is an error of a field in the words of somebody who types a command.
func asTyped(err error) error {
	e, ok := incident.AsError(err)
	if !ok {
		return err
	}
	var name incident.Text
	switch e.Field {
	case "title":
		name = incident.NewText("The title")
	case "reason":
		name = incident.NewText("The reason")
	case "post_id":
		return incident.NewError(e.Kind, e.Code, "The first message of this thread cannot be read. Type the command outside of the thread.")
	default:
		return err
	}
	format, values := e.Text.Format, slices.Clone(e.Text.Values)
	for n, value := range values {
		if value == e.Field {
			values[n] = name
		}
	}
	return incident.NewError(e.Kind, e.Code, format, values...)
}

func (f *followups) listByCommand(ctx context.Context, c *capability.Call) error {
	inc, err := c.Incident(ctx)
	if err != nil {
		return err
	}
	h, err := f.mayView(ctx, c.UserId, inc.ID)
	if err != nil {
		return err
	}
	page, err := f.listOf(ctx, c.UserId, h, Filter{Sort: "state", Descending: true, PerPage: maxSaid}) // open ones first
	if err != nil {
		return err
	}
	l := f.svc.Language(c.UserId)
	if page.TotalCount == 0 {
		c.Say(l.T("This incident has no follow-ups. Add one with `/incident followup add %s`.", addHint))
		return nil
	}
	zone := f.zone(c.UserId)
	var b strings.Builder
	b.WriteString(l.T("Follow-ups of this incident (%d open, %d done, %d dropped):", page.Counts.Open, page.Counts.Done, page.Counts.Dropped) + "\n")
	for n := range page.Items {
		b.WriteString("\n* " + summary(l, &page.Items[n], zone))
	}
	more(l, &b, page)
	c.Say(b.String())
	return nil
}

// more says that a list goes on.
func more(l *i18n.Language, b *strings.Builder, page Page) {
	if rest := page.TotalCount - len(page.Items); rest > 0 {
		b.WriteString("\n\n" + l.T("%d more are not shown.", rest))
	}
}

// named finds the follow-up that a command names: by its number in the incident of the channel, or by its id.
func (f *followups) named(ctx context.Context, c *capability.Call, usage string) (string, error) {
	if len(c.Words) == 0 {
		return "", capability.UsageError("Say which follow-up: `%s`. `/incident followup list` shows the numbers.", usage)
	}
	name := strings.TrimPrefix(strings.ToLower(c.Words[0]), "#")
	if idPattern.MatchString(name) {
		return name, nil
	}
	number, err := strconv.ParseInt(name, 10, 64)
	if err != nil || number < 1 {
		return "", capability.UsageError("%s is not the number of a follow-up. `/incident followup list` shows the numbers.", line(incident.Truncate(c.Words[0], 64)))
	}
	inc, err := c.Incident(ctx)
	if err != nil {
		return "", err
	}
	id, err := f.data.ByNumber(ctx, inc.ID, number)
	if err == nil && id == "" {
		err = capability.UsageError("This incident has no follow-up #%d. `/incident followup list` shows the numbers.", number)
	}
	return id, err
}

func (f *followups) doneByCommand(ctx context.Context, c *capability.Call) error {
	const usage = "/incident followup done <number or id>"
	id, err := f.named(ctx, c, usage)
	if err != nil {
		return err
	}
	if len(c.Words) > 1 {
		return capability.UsageError("Name one follow-up: `%s`.", usage)
	}
	state := Done
	after, err := f.Change(ctx, c.UserId, id, Patch{State: &state})
	if err != nil {
		return asTyped(err)
	}
	c.Say(f.svc.Language(c.UserId).T("The follow-up **#%d** %s is done.", after.Number, line(after.Title)))
	return nil
}

func (f *followups) dropByCommand(ctx context.Context, c *capability.Call) error {
	const usage = "/incident followup drop <number or id> <reason>"
	id, err := f.named(ctx, c, usage)
	if err != nil {
		return err
	}
	state, reason := Dropped, strings.Join(c.Words[1:], " ")
	if reason == "" {
		return capability.UsageError("Say why: `%s`.", usage)
	}
	after, err := f.Change(ctx, c.UserId, id, Patch{State: &state, Reason: &reason})
	if err != nil {
		return asTyped(err)
	}
	c.Say(f.svc.Language(c.UserId).T("The follow-up **#%d** %s was dropped.", after.Number, line(after.Title)))
	return nil
}

// mine lists the caller's open follow-ups of all incidents.
func (f *followups) mine(ctx context.Context, c *capability.Call) error {
	page, err := f.List(ctx, c.UserId, Filter{Mine: true, State: Open, Sort: "due_at", PerPage: maxSaid})
	if err != nil {
		return err
	}
	l := f.svc.Language(c.UserId)
	if page.TotalCount == 0 {
		c.Say(l.T("You have no open follow-ups."))
		return nil
	}
	zone := f.zone(c.UserId)
	var b strings.Builder
	b.WriteString(l.T("Your open follow-ups (%d, %d overdue):", page.TotalCount, page.Counts.MineOverdue) + "\n")
	for n := range page.Items {
		item := &page.Items[n]
		item.OwnerUsername = "" // the caller's
		b.WriteString("\n* " + f.place(item) + ": " + summary(l, item, zone) + " `" + item.ID + "`")
	}
	more(l, &b, page)
	c.Say(b.String())
	return nil
}
