package app

import (
	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// A start from a post quotes it in the incident's channel. If not everybody in the team may read the post, the quote makes it
// known to more people. So the dialog says so, and a submission that it was not said in quotes only public posts.

var errPostGone = incident.NewError(incident.NotFound, "post.not_found", "The post to start from does not exist or was deleted. Start from another post, or without one.").WithField("post_id")

var errPostForbidden = incident.NewError(incident.Forbidden, "post.forbidden", "You may not read the post to start from. Start from a post that you can read, or without one.").WithField("post_id")

var errPostPrivate = incident.NewError(incident.Conflict, "post.private",
	"The post to start from is not in a public channel of this team, and this dialog does not say so. Nothing was started. Start again from the post.").WithField("post_id")

// postToQuote reads the post to start from. It is an error if the user may not read it.
func (s *Service) postToQuote(userID, postID string) (*model.Post, error) {
	post, err := s.host.Post(postID)
	if _, refused := incident.AsError(err); err != nil && !refused {
		return nil, err
	}
	if err != nil || post.DeleteAt != 0 {
		return nil, errPostGone
	}
	if !s.rules.ReadChannel(userID, post.ChannelId) {
		return nil, errPostForbidden
	}
	return post, nil
}

// isPublicIn reports whether the channel of a post is a public one of the team.
func (s *Service) isPublicIn(teamID string, post *model.Post) (bool, error) {
	channel, err := s.host.Channel(post.ChannelId)
	if err != nil {
		return false, err
	}
	return channel.Type == model.CHANNEL_OPEN && channel.TeamId == teamID, nil
}

// QuotesPrivatePost reports whether a start from the post in the team would quote what not everybody in the team may read. It
// is false for a post that the user may not read: the start is refused.
func (s *Service) QuotesPrivatePost(userID, teamID, postID string) (bool, error) {
	if postID == "" {
		return false, nil
	}
	post, err := s.postToQuote(userID, postID)
	if _, refused := incident.AsError(err); refused {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	public, err := s.isPublicIn(teamID, post)
	return !public, err
}
