package dialog

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
)

// StartPath is the route below the API's root that the start dialog is submitted to.
const StartPath = "/incidents/dialog"

// The names of the start dialog's elements. Version 1.2.0 has the same.
const (
	ElementPlaybook    = "playbookID"
	ElementName        = "incidentName"
	ElementDescription = "incidentDescription"
	// ElementChannel has one of the Channel values. Version 1.2.0 does not have it.
	ElementChannel = "incidentChannel"
)

// The values of ElementChannel: a new channel, or the one in which the dialog was opened.
const (
	ChannelNew  = "new"
	ChannelThis = "this"
)

// StartState is the state of the start dialog. It comes back when the dialog is submitted.
type StartState struct {
	PostID   string `json:"post_id"`
	ClientID string `json:"client_id"`
	// Nonce is new for each opened dialog: submitting one twice starts one incident.
	Nonce string `json:"nonce"`
	// Warned means that the dialog says that the post is not public.
	Warned bool `json:"told,omitempty"`
	// ChannelID is the channel that the dialog offers for the incident; empty if it offers none.
	ChannelID string `json:"channel_id,omitempty"`
	// Mark shows that the plugin has opened the dialog for this user.
	Mark string `json:"mark"`
}

// Marked is what Mark signs.
func (s StartState) Marked() string {
	return app.MarkedStart(s.PostID, s.ClientID, s.Nonce, s.Warned, s.ChannelID)
}

// Key returns the idempotency key of a submission of the dialog in a team, with the state as it was sent: two submissions of
// one opened dialog start one incident. A dialog that was opened without nonce is known by the id that the client made for it
// and by its content; without either the key is "".
func (s StartState) Key(teamID, state string, submission map[string]interface{}) (string, error) {
	var seed []string
	switch {
	case s.Nonce != "":
		seed = []string{"nonce", s.Nonce}
	case s.ClientID != "":
		content, err := json.Marshal(submission)
		if err != nil {
			return "", err
		}
		seed = []string{"client", teamID, state, string(content)}
	default:
		return "", nil
	}
	text, err := json.Marshal(seed)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return "dialog:" + hex.EncodeToString(sum[:]), nil
}
