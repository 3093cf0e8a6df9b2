package app

import (
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// PostLanguage is the language of posts, which many read: that of the server.
func (s *Service) PostLanguage() *i18n.Language { return i18n.For(s.host.DefaultLocale()) }

// Language is that of a user, for what only they read.
func (s *Service) Language(userID string) *i18n.Language { return i18n.For(s.host.Locale(userID)) }

func (s *Service) posts() text.Sentences { return text.In(s.PostLanguage()) }

func (s *Service) answers(userID string) text.Sentences { return text.In(s.Language(userID)) }
