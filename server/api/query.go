package api

import (
	"math"
	"net/url"
	"regexp"
	"strings"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// maxID limits what names something that need not exist: then the answer is 403 or 404. Ids have 26 characters.
const maxID = 64

// A page ends early when the stages of its incidents are longer together: defaultPageBytes if no number of incidents was
// asked for, else maxPageBytes. That is room for 30 incidents of the greatest length, so that a page of up to 30 never
// ends early: clients that count pages would miss what was left out.
const (
	defaultPageBytes = 8 << 20
	maxPageBytes     = 64 << 20
)

var idPattern = regexp.MustCompile(`^[A-Za-z0-9]{26}$`)

func validID(id string) bool { return idPattern.MatchString(id) }

// incidentFilter reads the query of an incident list. The team must be asked for; whether a malformed one may be
// reported to the caller is decided by checkTeam. sorts are the names by which lists can be sorted besides those of the core.
func incidentFilter(q url.Values, sorts ...string) (app.Filter, error) {
	f := app.Filter{TeamID: q.Get("team_id")}
	if f.TeamID == "" {
		return f, missingTeam()
	}
	var err error
	if f.Page, f.PerPage, err = paging(q); err != nil {
		return f, err
	}
	f.MaxBytes = maxPageBytes
	if n, err := capability.Number(q, "per_page", incident.MaxPerPage); err == nil && n == 0 {
		f.MaxBytes = defaultPageBytes
	}
	if q.Get("offset") != "" {
		offset, err := capability.Number(q, "offset", math.MaxInt32)
		if err != nil {
			return f, err
		}
		if f.Page != 0 {
			return f, incident.InvalidField("offset", "offset and page cannot be used together: offset counts incidents, page counts pages.")
		}
		f.Offset = &offset
	}
	view, err := capability.Choice(q, "view", "", "summary")
	if err != nil {
		return f, err
	}
	f.Summary = view == "summary"
	sorts = append([]string{"id", "name", "is_active", "create_at", "end_at", "team_id", "commander_user_id"}, sorts...)
	if f.Sort, err = capability.Choice(q, "sort", "create_at", sorts...); err != nil {
		return f, err
	}
	direction, err := capability.Choice(q, "direction", "asc", "asc", "desc")
	if err != nil {
		return f, err
	}
	f.Descending = direction == "desc"
	status, err := capability.Choice(q, "status", "all", "all", "active", "ended")
	if err != nil {
		return f, err
	}
	if status != "all" {
		active := status == "active"
		f.Active = &active
	}
	if f.CommanderUserID = q.Get("commander_user_id"); f.CommanderUserID != "" && !validID(f.CommanderUserID) {
		return f, malformedID("commander_user_id")
	}
	if f.MemberID, err = member(q); err != nil {
		return f, err
	}
	f.SearchTerm = q.Get("search_term")
	return f, incident.CheckText("search_term", f.SearchTerm, incident.MaxSearchTerm)
}

// member reads member_id, "" for none.
func member(q url.Values) (string, error) {
	id := q.Get("member_id")
	if id != "" && !validID(id) {
		return "", malformedID("member_id")
	}
	return strings.ToLower(id), nil
}

// playbookFilter reads the query of a playbook list. Errors of other parameters come before a missing team.
func playbookFilter(q url.Values) (app.PlaybookFilter, error) {
	f := app.PlaybookFilter{TeamID: q.Get("team_id")}
	var err error
	if f.Sort, err = capability.Choice(q, "sort", "title", "title", "stages", "steps"); err != nil {
		return f, err
	}
	direction, err := capability.Choice(q, "direction", "asc", "asc", "desc")
	if err != nil {
		return f, err
	}
	f.Descending = direction == "desc"
	if f.Page, f.PerPage, err = paging(q); err != nil {
		return f, err
	}
	if f.TeamID == "" {
		return f, missingTeam()
	}
	return f, checkIDs("team_id", f.TeamID)
}

// checkTeam refuses a malformed team id. To ordinary users it looks like a team they may not see.
func (a *api) checkTeam(userID, teamID string) error {
	switch {
	case teamID == "":
		return missingTeam()
	case validID(teamID):
		return nil
	case a.svc.IsAdmin(userID):
		return malformedID("team_id")
	default:
		return incident.NewError(incident.Forbidden, "team.forbidden", "You do not have access to this team. Join the team, or ask one of its administrators for access.").WithField("team_id")
	}
}

// checkIDs refuses text that cannot be an id and that a database might not take; pairs alternate names and values.
func checkIDs(pairs ...string) error {
	for i := 0; i+1 < len(pairs); i += 2 {
		if err := incident.CheckText(pairs[i], pairs[i+1], maxID); err != nil {
			return err
		}
	}
	return nil
}

func missingTeam() error {
	return incident.InvalidField("team_id", "team_id is missing: give the id of a team.")
}

func malformedID(name string) error {
	return incident.InvalidField(name, "%s must be an id of 26 letters and digits.", name)
}

// paging reads page, counted from 0, and per_page, of which 0 means the maximum.
func paging(q url.Values) (page, perPage int, err error) {
	if page, err = capability.Number(q, "page", math.MaxInt32); err != nil {
		return 0, 0, err
	}
	if perPage, err = capability.Number(q, "per_page", incident.MaxPerPage); err != nil {
		return 0, 0, err
	}
	if perPage == 0 {
		perPage = incident.MaxPerPage
	}
	if int64(page)*int64(perPage) > math.MaxInt32 {
		return 0, 0, incident.InvalidField("page", "page is too large: page × per_page must not exceed %d.", math.MaxInt32)
	}
	return page, perPage, nil
}
