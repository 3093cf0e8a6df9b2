package text

import (
	"strings"

	"github.com/mattermost/mattermost-server/v5/model"
)

// Post returns what a post says, its message and the text of its attachments, and the name that a webhook gave itself, or "".
// props is the JSON object of the post's props.
func Post(message, props string) (content, postedAs string) {
	post := &model.Post{}
	post.SetProps(model.StringInterfaceFromJson(strings.NewReader(props)))
	postedAs, _ = post.GetProp("override_username").(string)
	lines := AttachmentLines(post.Attachments())
	if message != "" {
		lines = append([]string{message}, lines...)
	}
	return strings.Join(lines, "\n"), postedAs
}
