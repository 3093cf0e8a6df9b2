package roles

import (
	"context"
	"strings"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

const nobody = "nobody"

func (u *roles) commands() []capability.Command {
	return []capability.Command{
		{Name: "role", After: "commander", Suggestion: roleSuggestion, Run: u.roleCommand, Usage: []capability.Usage{
			{Arguments: " [role] [@username|nobody]", Help: i18n.N("Show who has which role, or give a role to somebody.")},
		}},
		{Name: "handoff", After: "commander", Suggestion: handoffSuggestion, Run: u.handoffCommand, Usage: []capability.Usage{
			{Arguments: " @username", Help: i18n.N("Offer the command to somebody. The commander changes when they accept.")},
			{Arguments: " accept|decline|withdraw", Help: i18n.N("Answer a handoff that was offered to you, or withdraw one.")},
		}},
	}
}

func roleSuggestion() *model.AutocompleteData {
	data := model.NewAutocompleteData("role", "[role] [@username|nobody]", i18n.N("Show or change who has a role"))
	data.AddDynamicListArgument(i18n.N("The role"), "api/v0/incidents/roles-autocomplete", false)
	data.AddTextArgument(i18n.N("Who gets the role"), "[@username|nobody]", "")
	return data
}

func handoffSuggestion() *model.AutocompleteData {
	data := model.NewAutocompleteData("handoff", "[@username/accept/decline/withdraw]", i18n.N("Hand off the command of this incident"))
	data.AddTextArgument(i18n.N("Who takes over, or your answer"), "[@username/accept/decline/withdraw]", "")
	return data
}

// roleCommand shows roles, or gives one to somebody.
func (u *roles) roleCommand(ctx context.Context, c *capability.Call) error {
	inc, err := c.Incident(ctx)
	if err != nil {
		return err
	}
	s, err := stateOf(&inc)
	if err != nil {
		return err
	}
	l := c.Language()
	if len(s.Roles) == 0 {
		return s.unknownRole()
	}
	if len(c.Words) == 0 {
		var b strings.Builder
		b.WriteString(l.T("The roles of this incident:") + "\n")
		for n := range s.Roles {
			b.WriteString("\n* " + u.roleLine(l, &s.Roles[n]))
		}
		c.Say(b.String())
		return nil
	}
	if r := s.findRole(strings.Join(c.Words, " ")); r != nil {
		c.Say(u.roleLine(l, r))
		return nil
	}
	last := c.Words[len(c.Words)-1]
	r := s.findRole(strings.Join(c.Words[:len(c.Words)-1], " "))
	if r == nil {
		return s.unknownRole()
	}
	var find func() (*model.User, error)
	switch name := strings.Trim(last, "@"); {
	case strings.EqualFold(last, nobody):
	case name == "" || !strings.HasPrefix(last, "@"):
		return capability.UsageError("Say who gets the role: `/incident role %s @username`, or `/incident role %s nobody`.", r.Key, r.Key)
	default:
		find = u.svc.FindByName(name)
	}
	_, changed, err := u.SetHolder(ctx, c.UserId, inc.ID, r.Key, find)
	if err == nil && !changed {
		c.Say(l.T("Nothing was changed: %s", u.roleLine(l, r)))
	}
	return err
}

// roleLine says in one line of Markdown who has a role since when, and what it does.
func (u *roles) roleLine(l *i18n.Language, r *Role) string {
	said := "**" + line(r.Name) + "**: "
	switch {
	case r.HolderID != "":
		said += text.Escape(u.holder(l, r)) // does not notify
	case r.MissingID != "":
		said += l.T("nobody yet (%s could not be added to the channel)", text.Escape(u.name(r.MissingID)))
	default:
		said += l.T("nobody yet")
	}
	if r.Description != "" {
		said += " — " + line(r.Description)
	}
	return said
}

// handoffCommand offers, answers or withdraws a handoff, or shows the pending one.
func (u *roles) handoffCommand(ctx context.Context, c *capability.Call) error {
	if len(c.Words) > 1 {
		return capability.UsageError("Name one user, as in `/incident handoff @username`, or say `/incident handoff accept`, `decline` or `withdraw`.")
	}
	inc, err := c.Incident(ctx)
	if err != nil {
		return err
	}
	s, err := stateOf(&inc)
	if err != nil {
		return err
	}
	l := c.Language()
	if len(c.Words) == 0 {
		if s.Handoff == nil {
			c.Say(l.T("No handoff of command is waiting for an answer. Offer it with `/incident handoff @username`."))
			return nil
		}
		c.Say(l.T("%s offered the command to %s, who has not answered yet.", actor(l, u.name(s.Handoff.ByUserID)), text.Escape(u.name(s.Handoff.ToUserID))))
		return nil
	}
	word := strings.ToLower(c.Words[0])
	switch answer := Answer(word); answer {
	case Accept, Decline, Withdraw:
		_, err = u.Answer(ctx, c.UserId, inc.ID, "", answer)
		return err
	}
	if !strings.HasPrefix(word, "@") || strings.Trim(word, "@") == "" {
		return capability.UsageError("Name who takes over, as in `/incident handoff @username`, or say `/incident handoff accept`, `decline` or `withdraw`.")
	}
	_, err = u.Offer(ctx, c.UserId, inc.ID, u.svc.FindByName(word))
	return err
}
