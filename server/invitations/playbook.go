package invitations

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Fields of errors.
const (
	fieldUsers  = Key + ".user_ids"
	fieldGroups = Key + ".group_ids"
)

// cleanPlaybook validates the invitations that a client has sent, and returns them as they are stored; nil for none.
func (u *invitations) cleanPlaybook(ctx context.Context, _, _ string, value json.RawMessage) (json.RawMessage, error) {
	var sent Invitations
	if err := json.Unmarshal(value, &sent); err != nil {
		return nil, incident.InvalidField(Key, "invitations must be an object with the lists user_ids and group_ids.").WithDetails(err.Error())
	}
	if sent.empty() {
		return nil, nil
	}
	if err := checkIDs(fieldUsers, sent.UserIDs, MaxUsers); err != nil {
		return nil, err
	}
	if err := checkIDs(fieldGroups, sent.GroupIDs, MaxGroups); err != nil {
		return nil, err
	}
	if err := u.checkKnown(ctx, sent); err != nil {
		return nil, err
	}
	return incident.Marshal(Invitations{UserIDs: list(sent.UserIDs), GroupIDs: list(sent.GroupIDs)})
}

// list is a list that is written as one in JSON, also if it is empty.
func list(ids []string) []string { return append([]string{}, ids...) }

func checkIDs(field string, ids []string, most int) error {
	if len(ids) > most {
		return incident.InvalidField(field, "%s has too many ids: %d, at most %d are allowed.", field, len(ids), most)
	}
	for n, id := range ids {
		if !model.IsValidId(id) {
			return incident.InvalidField(field, "%s must have ids of 26 letters and digits; %s is none.", field, incident.Truncate(id, 40))
		}
		if slices.Contains(ids[:n], id) {
			return incident.InvalidField(field, "%s has the id %s twice. Leave one of them out.", field, id)
		}
	}
	return nil
}

// checkKnown fails if somebody who is invited does not exist.
func (u *invitations) checkKnown(ctx context.Context, sent Invitations) error {
	users, groups, err := u.data.known(ctx, sent)
	if err != nil {
		return err
	}
	for _, id := range sent.UserIDs {
		n := slices.IndexFunc(users, func(p person) bool { return p.ID == id })
		if n < 0 {
			return incident.InvalidField(fieldUsers, "invitations.user_ids has the id %s, which no user has. Leave it out.", id)
		}
		if users[n].Bot {
			return incident.InvalidField(fieldUsers, "invitations.user_ids has the id %s, which is that of a bot. Only people can be invited.", id)
		}
	}
	for _, id := range sent.GroupIDs {
		if !slices.Contains(groups, id) {
			return incident.InvalidField(fieldGroups, "invitations.group_ids has the id %s, which no group has that people may mention. Leave it out.", id)
		}
	}
	return nil
}
