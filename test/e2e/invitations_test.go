//go:build e2e

package e2e

import (
	"fmt"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// People and members of groups whom a playbook invites are added to the channel of a new incident, and who is missing is named once.
func TestInvitations(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		outside, grouped := s.newUser(t), s.newUser(t)
		s.addToTeam(t, c.team, grouped)
		group := model.NewId()
		s.exec(t, fmt.Sprintf("INSERT INTO UserGroups (Id, Name, DisplayName, Description, Source, RemoteId, CreateAt, UpdateAt, DeleteAt, AllowReference) VALUES ('%s', '%s', 'On call', '', 'ldap', '%s', 1, 1, 0, true)", group, group, group))
		s.exec(t, fmt.Sprintf("INSERT INTO GroupMembers (GroupId, UserId, CreateAt, DeleteAt) VALUES ('%s', '%s', 1, 0)", group, grouped.user.Id))
		type saved struct {
			ID          string
			Invitations *struct {
				UserIDs  []string `json:"user_ids"`
				GroupIDs []string `json:"group_ids"`
			}
		}
		sent := body{"title": "Outage", "team_id": c.team.Id, "member_ids": []string{c.anna.user.Id}, "create_public_incident": true, "checklists": []body{{"title": "Stage"}},
			"invitations": body{"user_ids": []string{c.boris.user.Id, outside.user.Id}, "group_ids": []string{group}}}
		var made saved
		c.anna.call(t, "POST", "/playbooks", sent).want(t, 201).decode(t, &made)
		refused := body{"title": "Outage", "team_id": c.team.Id, "member_ids": []string{c.anna.user.Id}, "invitations": body{"user_ids": []string{model.NewId()}}}
		c.anna.call(t, "PUT", "/playbooks/"+made.ID, refused).want(t, 400)
		delete(sent, "invitations") // as a client of version 1.2.0
		c.anna.call(t, "PUT", "/playbooks/"+made.ID, sent).want(t, 200)
		c.anna.call(t, "GET", "/playbooks/"+made.ID, nil).want(t, 200).decode(t, &made)
		if made.Invitations == nil || len(made.Invitations.UserIDs) != 2 || len(made.Invitations.GroupIDs) != 1 {
			t.Fatalf("the playbook has %+v", made.Invitations)
		}

		i := c.start(t, map[string]any{"playbook_id": made.ID})
		members := func(channelID string) int {
			return s.number(t, fmt.Sprintf("SELECT COUNT(*) FROM ChannelMembers WHERE ChannelId = '%s' AND UserId IN ('%s', '%s', '%s', '%s')",
				channelID, c.boris.user.Id, c.clara.user.Id, outside.user.Id, grouped.user.Id))
		}
		missing := "Not in this team: `" + outside.user.Username + "`"
		eventually(t, "the channel is told", func() bool { return c.anna.said(t, i.ChannelID, missing) == 1 })
		if n := members(i.ChannelID); n != 2 {
			t.Errorf("%d people were added, want 2", n)
		}
		c.boris.call(t, "GET", "/incidents/"+i.ID, nil).want(t, 200)

		// Nobody is added to an existing channel.
		channel := s.newChannel(t, c.team, model.CHANNEL_PRIVATE, c.anna)
		var here incident.Incident
		c.anna.call(t, "POST", "/incidents", c.here(channel, body{"playbook_id": made.ID})).want(t, 201).decode(t, &here)
		eventually(t, "the existing channel is told", func() bool { return c.anna.said(t, channel.Id, "Nobody was added to this channel") == 1 })
		if n := members(channel.Id); n != 0 {
			t.Errorf("%d people were added to an existing channel", n)
		}
		sent["invitations"] = nil
		c.anna.call(t, "PUT", "/playbooks/"+made.ID, sent).want(t, 200)
		var without saved
		c.anna.call(t, "GET", "/playbooks/"+made.ID, nil).want(t, 200).decode(t, &without)
		if without.Invitations != nil {
			t.Errorf("the playbook still has %+v", without.Invitations)
		}
		if jobs := s.number(t, "SELECT COUNT(*) FROM IR_Job WHERE Kind = 'invite_people' AND IncidentID IN ('"+i.ID+"', '"+here.ID+"')"); jobs != 0 {
			t.Errorf("%d jobs are left", jobs)
		}
	})
}

// People are added as who started the incident may add them when the job runs, in whatever way they have gone meanwhile.
func TestInvitations_OfSomebodyWhoIsGone(t *testing.T) {
	eachDriverOr(t, testenv.Postgres, func(t *testing.T, s *server) {
		s.eachPersonChange(t, func(t *testing.T, c *fixture, who *person, way string, x personChange) {
			start := func(public bool) (i incident.Incident) {
				id := c.newPlaybook(t, func(p *playbook.Playbook) {
					p.CreatePublicIncident = public
					p.MemberIDs = append(p.MemberIDs, who.user.Id)
				})
				who.call(t, "POST", "/incidents", c.startBody(body{"playbook_id": id})).want(t, 201).decode(t, &i)
				return i
			}
			i := start(true)
			s.inviteLate(t, i, who, c.boris)
			eventually(t, "somebody is added", func() bool { return s.isMember(t, i.ChannelID, c.boris) })

			i = start(false)
			x.leave(t, c.team.Id, i.ChannelID, who)
			s.inviteLate(t, i, who, c.boris)
			eventually(t, "the channel is told", func() bool {
				return c.anna.said(t, i.ChannelID, "who started the incident, may not add people: `"+c.boris.user.Username+"`") == 1
			})
			if s.isMember(t, i.ChannelID, c.boris) {
				t.Error("somebody was added for a person who is gone")
			}
		})
	})
}

// inviteLate stores the job that invites somebody to an incident, as who started it has stored it.
func (s *server) inviteLate(t *testing.T, i incident.Incident, starter, invited *person) {
	t.Helper()
	at := model.GetMillis()
	s.exec(t, fmt.Sprintf("INSERT INTO IR_Job (ID, Kind, JobKey, IncidentID, Payload, State, DueAt, NextAttemptAt, CreateAt, LastError) "+
		`VALUES ('%s', 'invite_people', '%s', '%s', '{"user_ids":["%s"],"group_ids":[],"starter_id":"%s"}', 'waiting', %d, %d, %d, '')`,
		model.NewId(), i.ID, i.ID, invited.user.Id, starter.user.Id, at, at, at))
}

func (s *server) isMember(t *testing.T, channelID string, who *person) bool {
	t.Helper()
	return s.count(t, fmt.Sprintf("SELECT COUNT(*) FROM ChannelMembers WHERE ChannelId = '%s' AND UserId = '%s'", channelID, who.user.Id)) == 1
}
