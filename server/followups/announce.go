package followups

import (
	"context"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

const (
	// deliverySimilar is the kind of the jobs of the post that counts follow-ups of similar incidents.
	deliverySimilar = "followup_similar"
	// similarProp marks that post with the id of the event of the start.
	similarProp = "incident_followup_similar"
)

func (f *followups) deliveries() []app.Delivery {
	return []app.Delivery{{Kind: deliverySimilar, Poll: 2 * time.Second, Later: true, Wanted: fromPlaybook, Deliver: f.announceSimilar}}
}

// fromPlaybook reports whether an event is the start of an incident from a playbook.
func fromPlaybook(inc *incident.Incident, e *incident.Event) bool {
	_, started := e.Payload.(incident.Started)
	return started && inc.PlaybookID != ""
}

// announceSimilar posts in the channel of a new incident how many follow-ups of similar incidents are open, if any are. All who
// are in the channel read the post, so it counts only follow-ups of incidents of the same team whose channels are public.
func (f *followups) announceSimilar(ctx context.Context, c app.Change, attempt int) error {
	if attempt > 1 {
		found, err := f.svc.FindPost(ctx, c.After.ChannelID, f.host.BotID(), c.Event.CreateAt, similarProp, c.Event.ID)
		if err != nil || found != "" {
			return err
		}
	}
	n, err := f.data.Similar(ctx, c.After.ID, nil)
	if err != nil || n == 0 {
		return err
	}
	post := &model.Post{UserId: f.host.BotID(), ChannelId: c.After.ChannelID, Message: similarText(f.svc.PostLanguage(), n)}
	post.AddProp(similarProp, c.Event.ID)
	_, err = f.host.CreatePost(post)
	return err
}
