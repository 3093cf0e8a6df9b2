package timeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// maxFiles is how many files of a message are named. Mattermost allows ten.
const maxFiles = 20

// maxName is how many characters of a person's or a channel's name are kept.
const maxName = 64

var (
	errNoMessage = incident.NewError(incident.NotFound, "timeline.no_message",
		"This message does not exist, or you may not read it. Only messages that you can read can be added.")
	errVanishing = incident.NewError(incident.Conflict, "timeline.vanishing",
		"This message is deleted once it was read. It cannot be added to a timeline, which keeps it.")
	errEmptyMessage = incident.NewError(incident.Invalid, "timeline.empty_message", "This message has neither text nor files.")
)

// burnOnRead is the type of messages that Mattermost deletes once they were read.
const burnOnRead = "burn_on_read"

// takeMessage fills an entry with what a message that the user may read says now. Unknown, deleted and unreadable messages give
// the same error.
func (t *timeline) takeMessage(ctx context.Context, userID string, h app.Header, postID string, e *Entry) error {
	post, err := t.host.Post(postID)
	if _, refused := incident.AsError(err); refused || err == nil && post.DeleteAt != 0 {
		return errNoMessage
	}
	if err != nil {
		return err
	}
	if !t.rules.ReadChannel(userID, post.ChannelId) {
		return errNoMessage
	}
	if post.Type == burnOnRead {
		return errVanishing
	}
	if err := t.take(post, e); err != nil {
		return err
	}
	if post.ChannelId != h.ChannelID {
		if e.Source.ChannelName, err = t.channelName(post.ChannelId); err != nil {
			return err
		}
	}
	if e.Files, err = t.files(ctx, postID); err != nil {
		return err
	}
	if e.Text == "" && len(e.Files) == 0 {
		return errEmptyMessage
	}
	e.Kind = Message
	return nil
}

// take fills an entry with text, author and time of a post.
func (t *timeline) take(post *model.Post, e *Entry) error {
	props, err := json.Marshal(post.GetProps())
	if err != nil {
		return err
	}
	e.Text, e.AuthorName = text.Post(post.Message, string(props))
	e.AuthorID, e.HappenedAt, e.postEditAt = post.UserId, post.CreateAt, post.EditAt
	e.Source = &Source{PostID: post.Id, ChannelID: post.ChannelId}
	if e.AuthorName == "" {
		e.AuthorName = t.username(post.UserId)
	}
	e.AuthorName = incident.Truncate(e.AuthorName, maxName)
	return nil
}

// username is a user's name, "" for a removed account.
func (t *timeline) username(userID string) string {
	if user, err := t.host.User(userID); userID != "" && err == nil {
		return user.Username
	}
	return ""
}

// channelName says where a message comes from. The names of conversations would name the people in them.
func (t *timeline) channelName(channelID string) (string, error) {
	channel, err := t.host.Channel(channelID)
	switch {
	case err != nil:
		return "", err
	case channel.Type == model.CHANNEL_DIRECT:
		return i18n.N("direct message"), nil
	case channel.Type == model.CHANNEL_GROUP:
		return i18n.N("group message"), nil
	}
	return incident.Truncate(channel.DisplayName, maxName), nil
}

// files lists the files of a post with their hashes. Files that are too long have none.
func (t *timeline) files(ctx context.Context, postID string) ([]File, error) {
	files, err := t.store.Files(ctx, postID)
	if err != nil || len(files) == 0 {
		return nil, err
	}
	select {
	case t.hashing <- struct{}{}:
		defer func() { <-t.hashing }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	total := int64(0)
	for n := range files {
		f := &files[n]
		f.Name = incident.Truncate(f.Name, maxFileName)
		if f.Size > MaxHashedFile || total+f.Size > MaxHashed {
			continue
		}
		total += f.Size
		content, err := t.host.File(f.ID)
		if err != nil {
			t.log.Warn("A file of a message that was added to a timeline could not be read. Its hash is missing.", "file_id", f.ID, "error", err.Error())
			continue
		}
		sum := sha256.Sum256(content)
		f.SHA256 = hex.EncodeToString(sum[:])
	}
	return files, nil
}

// maxFileName is how many characters of a file's name are kept.
const maxFileName = 256
