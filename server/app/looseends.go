package app

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

const (
	// looseEndAge is how long something may take before what it may have left behind is taken back.
	looseEndAge = 30 * time.Second
	// looseEndRetry is how long whoever takes a loose end has before another node tries.
	looseEndRetry = time.Minute
	// looseEndOld is the age from which what fails is tried more and more seldom: a post in an archived channel cannot be
	// deleted as long as the channel is archived.
	looseEndOld = time.Hour
	// looseEndTimeout bounds tying up one's own loose end after the request has failed.
	looseEndTimeout = 10 * time.Second
	// statusProp marks the post of a status update with its loose end.
	statusProp = "incident_status"
)

// needle is what the JSON text of a post's props contains if prop has the value.
func needle(prop, value string) string { return strconv.Quote(prop) + ":" + strconv.Quote(value) }

// takeBack undoes what end stands for, unless it was stored after all: an error does not tell whether a commit came
// through. It tells whether it was stored. What fails here is tried again by TieUpLooseEnds.
func (s *Service) takeBack(end incident.LooseEnd, undo func() error) (stored bool) {
	ctx, cancel := context.WithTimeout(context.Background(), looseEndTimeout) // the request's own may have ended
	defer cancel()
	there, err := s.incidents.TakeLooseEnd(ctx, end.ID, s.now())
	if err == nil && !there {
		return true
	}
	if err == nil {
		err = undo()
	}
	if err != nil {
		s.log.Error("What a failed request has left behind could not be removed; it is tried again.",
			"incident_id", end.IncidentID, "kind", string(end.Kind), "error", err.Error())
		return false
	}
	s.drop(end.ID)
	return false
}

// neverMade forgets end if Mattermost has refused to make what might be left behind. After any other error it may have
// been made all the same, so that TieUpLooseEnds has to look.
func (s *Service) neverMade(end incident.LooseEnd, err error) {
	if _, refused := incident.AsError(err); refused {
		s.takeBack(end, func() error { return nil })
	}
}

// drop forgets a loose end that was tied up; if that fails it is tied up once more, which is harmless.
func (s *Service) drop(id string) {
	ctx, cancel := context.WithTimeout(context.Background(), looseEndTimeout)
	defer cancel()
	if err := s.incidents.DropLooseEnd(ctx, id); err != nil {
		s.log.Warn("A loose end could not be forgotten; it is tied up once more.", "id", id, "error", err.Error())
	}
}

// TieUpLooseEnds takes back what crashes have left behind on any node: channels without an incident, posts of status
// updates that were not stored, and reminder posts that are not displayed any more. What fails is logged and tried again.
func (s *Service) TieUpLooseEnds(ctx context.Context) { _ = s.tieUpLooseEnds(ctx) }

// tieUpLooseEnds is TieUpLooseEnds and tells the last of what failed.
func (s *Service) tieUpLooseEnds(ctx context.Context) (failed error) {
	now := s.now()
	ends, err := s.incidents.LooseEnds(ctx, now-looseEndAge.Milliseconds(), now-looseEndRetry.Milliseconds())
	if err != nil {
		s.log.Warn("Looking for what crashes have left behind failed; it is tried again.", "error", err.Error())
		return told{err}
	}
	for _, end := range ends {
		if end.Kind == incident.LooseReminder && end.CreateAt > now-reminderLease.Milliseconds() {
			continue // whoever took the reminder may still post it
		}
		there, err := s.incidents.TakeLooseEnd(ctx, end.ID, now)
		if err == nil && there {
			if err = s.tieUp(ctx, end); err == nil {
				err = s.incidents.DropLooseEnd(ctx, end.ID)
			}
		}
		if err != nil {
			s.log.Warn("What a crash has left behind could not be removed; it is tried again.",
				"incident_id", end.IncidentID, "kind", string(end.Kind), "error", err.Error())
			if age := now - end.CreateAt; age > looseEndOld.Milliseconds() {
				_, _ = s.incidents.TakeLooseEnd(ctx, end.ID, now+age/4) // failing, it is tried again sooner
			}
			failed = told{err}
		}
	}
	return failed
}

func (s *Service) tieUp(ctx context.Context, end incident.LooseEnd) error {
	switch end.Kind {
	case incident.LoosePost:
		inc, err := s.incidents.Get(ctx, end.IncidentID)
		if err != nil && !incident.IsKind(err, incident.NotFound) {
			return err
		}
		return s.deleteReminderPost(inc.ChannelID, end.ID)
	case incident.LooseChannel:
		names, err := s.ownNames(ctx, end)
		if err != nil {
			return err
		}
		ids, err := s.incidents.LooseChannels(ctx, end.TeamID, names, end.CreateAt-looseEndAge.Milliseconds())
		if err != nil {
			return err
		}
		for _, id := range ids {
			s.log.Info("A channel is archived: its incident was not started, because the server was interrupted.",
				"channel_id", id, "incident_id", end.IncidentID)
			if err := s.host.ArchiveChannel(id); err != nil {
				return err
			}
		}
		return nil
	}
	inc, err := s.incidents.Get(ctx, end.IncidentID)
	if incident.IsKind(err, incident.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	prop, mark, author := statusProp, end.ID, ""
	if end.Kind == incident.LooseReminder {
		prop, mark, author = reminderProp, end.Mark, s.host.BotID()
	}
	postID, err := s.incidents.FindPost(ctx, inc.ChannelID, author, 0, needle(prop, mark))
	if err != nil || postID == "" || postID == inc.ReminderPostID {
		return err
	}
	return s.host.DeletePost(postID)
}

// ownNames are the names that only the channel of end can have: an incident that is being started at the same time under
// the same name may have got the first one.
func (s *Service) ownNames(ctx context.Context, end incident.LooseEnd) ([]string, error) {
	later := s.now() + looseEndRetry.Milliseconds()
	all, err := s.incidents.LooseEnds(ctx, later, later)
	if err != nil {
		return nil, err
	}
	for _, o := range all {
		young := o.CreateAt > s.now()-4*looseEndAge.Milliseconds()
		if young && o.ID != end.ID && o.Kind == incident.LooseChannel && o.TeamID == end.TeamID && o.Names[0] == end.Names[0] {
			return nil, errors.New("another incident of this name is being started: it is not known yet whose the channel is")
		}
	}
	return end.Names, nil
}
