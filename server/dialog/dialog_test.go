package dialog

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

type fakeService struct {
	host     *fakeHost
	private  bool // posts are
	viewTeam bool
	noCreate bool
	here     app.ChannelForStart
	edit     error
	incident incident.Incident
	books    []playbook.Playbook
}

func (f *fakeService) CanViewTeam(string, string) bool               { return f.viewTeam }
func (f *fakeService) CanCreatePlaybooks(string, string) bool        { return !f.noCreate }
func (f *fakeService) CanEdit(context.Context, string, string) error { return f.edit }
func (f *fakeService) Incident(context.Context, string, string) (incident.Incident, error) {
	return f.incident, nil
}
func (f *fakeService) StartPlaybooks(context.Context, string, string) ([]playbook.Playbook, error) {
	return f.books, nil
}

func (f *fakeService) OpenDialog(userID, trigger, path string, d model.Dialog) error {
	d.CallbackId = "mark of " + userID + " " + path + " " + d.State
	return f.OpenMarkedDialog(trigger, path, d)
}

func (f *fakeService) OpenMarkedDialog(trigger, path string, d model.Dialog) error {
	if f.host.refuse != nil {
		return f.host.refuse
	}
	f.host.opened = append(f.host.opened, opened{trigger, path, d})
	return nil
}

func (f *fakeService) QuotesPrivatePost(_, _, postID string) (bool, error) {
	return f.private && postID != "", nil
}

func (f *fakeService) ChannelForStart(context.Context, string, string, string) (app.ChannelForStart, error) {
	return f.here, nil
}

func (f *fakeService) Mark(userID, path, state string) (string, error) {
	return "mark of " + userID + " " + path + " " + state, nil
}

type opened struct {
	trigger, path string
	model.Dialog
}

type fakeHost struct {
	app.Host // what is not faked must not be called
	config   model.Config
	user     model.User
	session  *model.Session
	refuse   error
	opened   []opened
}

func (*fakeHost) Locale(string) string  { return "en" }
func (*fakeHost) DefaultLocale() string { return "en" }

func (f *fakeHost) Config() *model.Config { return &f.config }
func (f *fakeHost) User(string) (*model.User, error) {
	return &f.user, nil
}
func (f *fakeHost) Team(id string) (*model.Team, error) {
	return &model.Team{Id: id, Name: "team-name"}, nil
}
func (f *fakeHost) Session(id string) (*model.Session, error) {
	if f.session == nil || f.session.Id != id {
		return nil, errors.New("no such session")
	}
	return f.session, nil
}

func setUp() (*Dialogs, *fakeService, *fakeHost) {
	svc := &fakeService{viewTeam: true, incident: incident.Incident{ID: "inc", ChannelID: "chan", IsActive: true, ReminderMessageTemplate: "template"}}
	host := &fakeHost{
		user: model.User{Id: "user", Username: "anna"},
	}
	host.config.SetDefaults()
	*host.config.ServiceSettings.SiteURL = "http://site/"
	svc.host = host
	return New(svc, host, "plugin"), svc, host
}

func (f *fakeHost) only(t *testing.T) opened {
	t.Helper()
	require.Len(t, f.opened, 1)
	require.Equal(t, "trigger", f.opened[0].trigger)
	return f.opened[0]
}

func requireKind(t *testing.T, err error, kind incident.Kind) *incident.Error {
	t.Helper()
	e, ok := incident.AsError(err)
	require.True(t, ok, "%v is not for users", err)
	require.Equal(t, kind, e.Kind)
	return e
}

func start(d *Dialogs, client, post, session string) error {
	return d.OpenStart(context.Background(), "user", "team", "here", "trigger", client, post, session)
}

func TestOpenStart(t *testing.T) {
	d, svc, host := setUp()
	svc.books = []playbook.Playbook{{ID: "b1", Title: "A"}, {ID: "b2", Title: "B"}}
	post := model.NewId()
	require.NoError(t, start(d, "client-1", post, ""))
	got := host.only(t)
	require.Equal(t, "/incidents/dialog", got.path)
	require.Equal(t, "Incident Details", got.Title)
	require.Equal(t, "Start Incident", got.SubmitLabel)
	require.Empty(t, got.CallbackId)
	require.False(t, got.NotifyOnCancel)
	require.Contains(t, got.IntroductionText, "@anna")
	require.Contains(t, got.IntroductionText, "If none fits, [make a new one](http://site/team-name/plugin/playbooks/new)")

	require.Len(t, got.Elements, 3)
	book, name, text := got.Elements[0], got.Elements[1], got.Elements[2]
	require.Equal(t, []interface{}{"playbookID", "select", false}, []interface{}{book.Name, book.Type, book.Optional})
	require.Equal(t, []*model.PostActionOptions{{Text: "A", Value: "b1"}, {Text: "B", Value: "b2"}}, book.Options)
	require.Equal(t, []interface{}{"incidentName", "text", false, 1, 64}, []interface{}{name.Name, name.Type, name.Optional, name.MinLength, name.MaxLength})
	require.Equal(t, []interface{}{"incidentDescription", "textarea", true, 0, 1024}, []interface{}{text.Name, text.Type, text.Optional, text.MinLength, text.MaxLength})
	require.Contains(t, text.Default, "(http://site/_redirect/pl/"+post+")")

	var state map[string]string
	require.NoError(t, json.Unmarshal([]byte(got.State), &state))
	require.Equal(t, post, state["post_id"])
	require.Equal(t, "client-1", state["client_id"])
	require.True(t, model.IsValidId(state["nonce"]))
	require.NoError(t, start(d, "client-1", post, ""))
	require.NotEqual(t, got.State, host.opened[1].State, "two dialogs share a nonce")
}

// Elements that capabilities add are made for the playbooks that the dialog offers.
func TestOpenStart_AddedElements(t *testing.T) {
	_, svc, host := setUp()
	svc.books = []playbook.Playbook{{ID: "b1", Title: "A"}}
	d := New(svc, host, "plugin", func(_ context.Context, userID string, books []playbook.Playbook) []model.DialogElement {
		return []model.DialogElement{{Name: userID + " " + books[0].ID}}
	})
	require.NoError(t, start(d, "", "", ""))
	elements := host.only(t).Elements
	require.Len(t, elements, 4)
	require.Equal(t, "user b1", elements[3].Name)
}

// A thousand playbooks with the longest titles make a dialog of less than a megabyte.
func TestOpenStart_LongTitlesAreCut(t *testing.T) {
	d, svc, host := setUp()
	for range 1000 {
		svc.books = append(svc.books, playbook.Playbook{ID: model.NewId(), Title: strings.Repeat("🔒", playbook.MaxTitle)})
	}
	require.NoError(t, start(d, "", "", ""))
	got := host.only(t)
	options := got.Elements[0].Options
	require.Len(t, options, 1000)
	require.Equal(t, strings.Repeat("🔒", playbook.MaxShortTitle-1)+"…", options[999].Text)
	encoded, err := json.Marshal(got.Dialog)
	require.NoError(t, err)
	require.Less(t, len(encoded), 1<<20)
}

// A post that not everybody in the team may read is not quoted without a word about it, and the signed state says that it was said.
func TestOpenStart_SaysThatAPrivatePostIsQuoted(t *testing.T) {
	d, svc, host := setUp()
	post := model.NewId()
	for n, c := range []struct {
		private bool
		post    string
		said    bool
	}{{false, post, false}, {true, "", false}, {true, post, true}} {
		svc.private = c.private
		require.NoError(t, start(d, "client-1", c.post, ""))
		got := host.opened[n]
		require.Equal(t, c.said, strings.Contains(got.IntroductionText, "is not in a public channel"), "%+v", c)
		var state StartState
		require.NoError(t, json.Unmarshal([]byte(got.State), &state))
		require.Equal(t, c.said, state.Warned)
		mark, err := svc.Mark("user", "/incidents/dialog", app.MarkedStart(c.post, "client-1", state.Nonce, c.said, ""))
		require.NoError(t, err)
		require.Equal(t, mark, state.Mark)
	}
}

func TestOpenStart_PlainDialogHasNoDescriptionAndNoOptions(t *testing.T) {
	d, _, host := setUp()
	require.NoError(t, start(d, "", "", ""))
	got := host.only(t)
	require.Nil(t, got.Elements[0].Options)
	require.Contains(t, got.IntroductionText, "You are a member of none in this team: ask somebody to share one with you. Or [make a new one](http://site/team-name/plugin/playbooks/new).")
	require.Empty(t, got.Elements[2].Default)
}

func TestOpenStart_NamesTheCommanderInFull(t *testing.T) {
	d, _, host := setUp()
	host.user.FirstName = "An[na"
	require.NoError(t, start(d, "", "", ""))
	require.Contains(t, host.opened[0].IntroductionText, "@anna")
	host.user.LastName = "Smith"
	require.NoError(t, start(d, "", "", ""))
	require.Contains(t, host.opened[1].IntroductionText, `An\[na Smith`)
}

func TestOpenStart_NoLinkOnMobileOrWithoutSiteURL(t *testing.T) {
	d, _, host := setUp()
	host.session = &model.Session{Id: "phone", DeviceId: "android:1"}
	require.NoError(t, start(d, "", "", "phone"))
	require.NotContains(t, host.opened[0].IntroductionText, "](")
	require.NoError(t, start(d, "", "", "gone")) // an unknown session is a desktop
	require.Contains(t, host.opened[1].IntroductionText, "](")
	*host.config.ServiceSettings.SiteURL = ""
	require.NoError(t, start(d, "", "", ""))
	require.NotContains(t, host.opened[2].IntroductionText, "](")
}

func TestOpenStart_ValidatesClientAndPost(t *testing.T) {
	d, _, host := setUp()
	for _, client := range []string{"a b", "Ж", strings.Repeat("a", 65), `"`, "a\n"} {
		require.Equal(t, "client_id", requireKind(t, start(d, client, "", ""), incident.Invalid).Field)
	}
	for _, post := range []string{"short", strings.Repeat("a", 27), strings.Repeat("a", 25) + ")"} {
		require.Equal(t, "post_id", requireKind(t, start(d, "", post, ""), incident.Invalid).Field)
	}
	require.Empty(t, host.opened)
	require.NoError(t, start(d, strings.Repeat("a", 64), "", ""))
}

func TestOpenStart_NeedsTheTeam(t *testing.T) {
	d, svc, host := setUp()
	svc.viewTeam = false
	requireKind(t, start(d, "", "", ""), incident.Forbidden)
	require.Empty(t, host.opened)
}

func TestOpenEnd(t *testing.T) {
	d, svc, host := setUp()
	require.NoError(t, d.OpenEnd(context.Background(), "user", "inc", "trigger"))
	got := host.only(t)
	require.Equal(t, "/incidents/inc/end", got.path)
	require.Empty(t, got.Elements)
	require.Equal(t, "inc", got.State)
	svc.incident.IsActive = false
	require.Equal(t, incident.ErrAlreadyEnded, d.OpenEnd(context.Background(), "user", "inc", "trigger"))
	svc.edit = incident.ErrForbidden
	require.Equal(t, incident.ErrForbidden, d.OpenEnd(context.Background(), "user", "inc", "trigger"))
	require.Len(t, host.opened, 1)
}

func TestOpenNextStage_CarriesTheStageItWasOpenedIn(t *testing.T) {
	d, svc, host := setUp()
	svc.incident.IsActive = false // ended incidents may move on
	require.NoError(t, d.OpenNextStage(context.Background(), "user", "inc", "trigger", 1, 2))
	got := host.only(t)
	require.Equal(t, "/incidents/inc/next-stage-dialog?from=1", got.path)
	require.Empty(t, got.Elements)
	require.Equal(t, "2", got.State)
	svc.edit = incident.ErrForbidden
	require.Equal(t, incident.ErrForbidden, d.OpenNextStage(context.Background(), "user", "inc", "trigger", 1, 2))
}

func TestOpen_PassesTheHostsErrorOn(t *testing.T) {
	d, _, host := setUp()
	host.refuse = errors.New("broken")
	require.ErrorIs(t, d.OpenEnd(context.Background(), "user", "inc", "trigger"), host.refuse)
}

func TestOpenStart_OffersThePresentChannel(t *testing.T) {
	d, svc, host := setUp()
	for n, here := range []app.ChannelForStart{{}, {ID: "here"}, {ID: "here", Public: true}} {
		svc.here = here
		require.NoError(t, start(d, "client-1", "", ""))
		got := host.opened[n]
		var state StartState
		require.NoError(t, json.Unmarshal([]byte(got.State), &state))
		require.Equal(t, here.ID, state.ChannelID)
		mark, err := svc.Mark("user", "/incidents/dialog", app.MarkedStart("", "client-1", state.Nonce, false, here.ID))
		require.NoError(t, err)
		require.Equal(t, mark, state.Mark)
		if here.ID == "" {
			require.Len(t, got.Elements, 3)
			require.NotContains(t, got.State, "channel_id")
			continue
		}
		require.Len(t, got.Elements, 4)
		channel := got.Elements[3]
		require.Equal(t, []interface{}{"incidentChannel", "select", true, "new"}, []interface{}{channel.Name, channel.Type, channel.Optional, channel.Default})
		require.Equal(t, here.Public, strings.Contains(channel.HelpText, "the whole team sees"))
		require.LessOrEqual(t, len(channel.HelpText), 150, "more is refused by Mattermost")
	}
}
