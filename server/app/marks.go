package app

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// markKey is where the key is stored by which dialogs are marked, for all nodes.
const markKey = "dialog_mark_key"

var errForeignDialog = incident.NewError(incident.Forbidden, "request.interactive",
	"This dialog was not opened by Incident Management for you, or too long ago. Nothing was done. Open it again.")

// marks makes and checks the marks of dialogs.
type marks struct {
	mu  sync.Mutex
	key []byte
}

// markLifetime is how long a dialog may be open until it is submitted.
const markLifetime = 24 * time.Hour

// Mark returns the signature in a dialog that the plugin opens for a user, with the time. It distinguishes its submission from
// that of another plugin's dialog. path is the route behind the version of the API, state the dialog's state.
func (s *Service) Mark(userID, path, state string) (string, error) {
	return s.markAt(strconv.FormatInt(s.now(), 36), userID, path, state)
}

func (s *Service) markAt(at, userID, path, state string) (string, error) {
	key, err := s.dialogKey()
	if err != nil {
		return "", err
	}
	h := hmac.New(sha256.New, key)
	for _, part := range []string{at, userID, path, state} {
		sum := sha256.Sum256([]byte(part)) // so that no part can end as another one begins
		h.Write(sum[:])
	}
	return at + "-" + hex.EncodeToString(h.Sum(nil)[:16]), nil
}

// OpenDialog opens a dialog for a user. path is the route that answers it, behind the version of the API. The dialog's callback
// id, which clients send back as it is, becomes its mark; its address and state stay those of version 1.2.0.
func (s *Service) OpenDialog(userID, triggerID, path string, d model.Dialog) (err error) {
	if d.CallbackId, err = s.Mark(userID, path, d.State); err != nil {
		return err
	}
	return s.OpenMarkedDialog(triggerID, path, d)
}

// OpenMarkedDialog is OpenDialog for a dialog that has its mark elsewhere, see MarkedStart.
func (s *Service) OpenMarkedDialog(triggerID, path string, d model.Dialog) error {
	if triggerID == "" {
		return incident.NewError(incident.Invalid, "dialog.no_trigger",
			"A dialog cannot be opened from here. Type the command yourself in Mattermost.").WithField("trigger_id")
	}
	return s.host.OpenDialog(triggerID, "/plugins/"+s.pluginID+"/api/v0"+path, d)
}

// MarkedStart is the state for which the start dialog is marked: its own state holds the mark, since clients of 1.2.0 know
// the dialog by an empty callback id. warned means that the dialog says that the post is not public, channelID is the channel that
// it offers for the incident, or "".
func MarkedStart(postID, clientID, nonce string, warned bool, channelID string) string {
	marked := strings.Join([]string{postID, clientID, nonce, strconv.FormatBool(warned)}, "\x00")
	if channelID != "" {
		marked += "\x00" + channelID
	}
	return marked
}

// CheckMark fails with Forbidden unless mark was made for the user, the path and the state, at most markLifetime ago.
func (s *Service) CheckMark(mark, userID, path, state string) error {
	at, _, _ := strings.Cut(mark, "-")
	want, err := s.markAt(at, userID, path, state)
	if err != nil {
		return err
	}
	if !hmac.Equal([]byte(want), []byte(mark)) {
		return errForeignDialog
	}
	made, err := strconv.ParseInt(at, 36, 64)
	if age := time.Duration(s.now()-made) * time.Millisecond; err != nil || age > markLifetime || age < -clockSkew {
		return errForeignDialog
	}
	return nil
}

// dialogKey reads the key, and makes it with the first dialog ever.
func (s *Service) dialogKey() ([]byte, error) {
	s.marks.mu.Lock()
	defer s.marks.mu.Unlock()
	for range 3 {
		if len(s.marks.key) > 0 {
			return s.marks.key, nil
		}
		stored, err := s.host.KVGet(markKey)
		if err != nil {
			return nil, err
		}
		if len(stored) == sha256.Size {
			s.marks.key = stored
			continue
		}
		made := make([]byte, sha256.Size)
		_, _ = rand.Read(made) // never fails
		if done, err := s.host.KVCompareAndSet(markKey, stored, made); err != nil {
			return nil, err
		} else if done {
			s.marks.key = made
		}
	}
	return nil, errors.New("the key of dialogs is being changed by others")
}
