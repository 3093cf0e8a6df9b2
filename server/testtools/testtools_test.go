package testtools

import (
	"context"
	"errors"
	"math/rand"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

var bookID = strings.Repeat("b", 26)

// newTesting is a test system of which the caller is an administrator.
func newTesting() *toolsFixture {
	w := newToolsFixture()
	w.host.EnableTesting()
	w.svc.admin = true
	w.svc.books = []playbook.Playbook{{ID: "p2"}, {ID: "p1"}, {ID: "p3"}}
	w.svc.playbook = func(id string) (playbook.Playbook, error) {
		if id != bookID {
			return playbook.Playbook{}, app.ErrPlaybookNotFound
		}
		return playbook.Playbook{ID: id, TeamID: "team", MemberIDs: []string{"user"}}, nil
	}
	w.svc.start = func(r app.StartRequest) (incident.Incident, error) {
		n := strconv.Itoa(len(w.svc.started))
		return incident.Incident{ID: "i" + n, ChannelID: n}, nil
	}
	return w
}

func TestTestTools_NeedTestingThenAdministrator(t *testing.T) {
	for _, text := range []string{"", " self CONFIRM TEST SELF", " bulk-data 1 1 2020-01-01 2020-01-02", " create-incident " + bookID + " 2020-01-01 name"} {
		w := newToolsFixture() // neither: the setting is checked first
		require.Contains(t, w.Says(t, "/incident test"+text), "EnableTesting")
		w.svc.admin = true
		require.Contains(t, w.Says(t, "/incident test"+text), "EnableTesting")
		w.host.EnableTesting()
		w.svc.admin = false
		require.Equal(t, incident.ErrAdminsOnly.Message, w.Says(t, "/incident test"+text))
		require.Empty(t, w.svc.started)
	}
	require.Contains(t, newTesting().Says(t, "/incident test"), "bulk-data")
	require.Contains(t, newTesting().Says(t, "/incident test nonsense"), "bulk-data")
}

func TestTestCommands_AreSuggestedToAdministratorsOnly(t *testing.T) {
	var test *model.AutocompleteData
	for _, s := range newToolsFixture().handler.Command(true).AutocompleteData.SubCommands {
		if s.Trigger == "test" {
			test = s
		}
	}
	require.NotNil(t, test)
	for _, s := range newToolsFixture().handler.Command(false).AutocompleteData.SubCommands {
		require.NotContains(t, []string{"test", "nuke-db"}, s.Trigger)
	}
	require.Len(t, test.SubCommands, 3)
	for _, s := range append(test.SubCommands, test) {
		require.Equal(t, model.SYSTEM_ADMIN_ROLE_ID, s.RoleID, s.Trigger)
	}
	require.Equal(t, "api/v0/playbooks/autocomplete", test.SubCommands[0].Arguments[0].Data.(*model.AutocompleteDynamicListArg).FetchURL)
	require.Len(t, test.SubCommands[1].Arguments, 5)
}

func TestNuke(t *testing.T) {
	w := newToolsFixture()
	w.svc.admin = true
	require.Contains(t, w.Says(t, "/incident nuke-db CONFIRM NUKE"), "/incident announce") // the help
	w.host.EnableTesting()
	for _, text := range []string{"", " CONFIRM", " confirm nuke", " CONFIRM NUKE now"} {
		require.Contains(t, w.Says(t, "/incident nuke-db"+text), "CONFIRM NUKE")
	}
	w.svc.admin = false
	require.Contains(t, w.Says(t, "/incident nuke-db CONFIRM NUKE"), "administrators")
	require.Empty(t, w.svc.done)
	w.svc.admin = true
	require.Contains(t, w.Says(t, "/incident nuke-db CONFIRM NUKE"), "deleted")
	require.Equal(t, []string{"nuke"}, w.svc.done)
}

func TestTestCreate(t *testing.T) {
	w := newTesting()
	require.Contains(t, w.Says(t, "/incident test CREATE-incident "+bookID+" 2020-11-23 Server  down"), "~name-1")
	require.Equal(t, []app.StartRequest{{
		RequesterID: "user", CommanderID: "user", TeamID: "team", PlaybookID: bookID, Name: "Server down",
		CreateAt: 1606089600000,
	}}, w.svc.started)
	for text, want := range map[string]string{
		"":                       "Give a playbook",
		bookID + " 2020-11-23":   "Give a playbook",
		"short 2020-11-23 n":     "playbook ID",
		bookID + " 2020-13-01 n": "YYYY-MM-DD",
		bookID + " 2020-1-1 n":   "YYYY-MM-DD",
		strings.Repeat("c", 26) + " 2020-11-23 n": app.ErrPlaybookNotFound.Message,
	} {
		require.Contains(t, w.Says(t, "/incident test create-incident "+text), want)
	}
	require.Len(t, w.svc.started, 1)
}

func TestTestCommands_RefuseDatesOutOfRange(t *testing.T) {
	for _, day := range []string{"1969-12-31", "1970-01-01", "2262-04-12", "9999-12-31", "0001-01-01"} {
		w := newTesting()
		require.Contains(t, w.Says(t, "/incident test create-incident "+bookID+" "+day+" n"), "1970-01-02")
		require.Contains(t, w.Says(t, "/incident test bulk-data 1 1 "+day+" 2300-01-01"), "begin date")
		require.Empty(t, w.svc.started)
	}
	for _, day := range []string{"1970-01-02", "2262-04-11"} {
		w := newTesting()
		w.Says(t, "/incident test create-incident "+bookID+" "+day+" n")
		require.Len(t, w.svc.started, 1)
		require.Positive(t, w.svc.started[0].CreateAt)
	}
}

func TestTestCreate_NeedsAPlaybookOfTheAdministrator(t *testing.T) {
	w := newTesting()
	for want, book := range map[string]playbook.Playbook{
		"another team": {ID: bookID, TeamID: "elsewhere", MemberIDs: []string{"user"}},
		"not a member": {ID: bookID, TeamID: "team", MemberIDs: []string{"other"}},
	} {
		w.svc.playbook = func(string) (playbook.Playbook, error) { return book, nil }
		require.Contains(t, w.Says(t, "/incident test create-incident "+bookID+" 2020-11-23 n"), want)
	}
	require.Empty(t, w.svc.started)
}

const bulkCommand = "/incident test bulk-data 7 3 2020-01-31 2020-02-03 "

func TestBulk(t *testing.T) {
	w := newTesting()
	text := w.Says(t, bulkCommand+"2")
	require.Len(t, w.svc.started, 10)
	require.Equal(t, []string{"end i1", "end i2", "end i3"}, w.svc.done)
	begin, end := millis(time.Date(2020, 1, 31, 0, 0, 0, 0, time.UTC)), millis(time.Date(2020, 2, 3, 0, 0, 0, 0, time.UTC))
	rows := strings.Split(text[strings.Index(text, "|---"):], "\n")[1:]
	for i, r := range w.svc.started {
		require.GreaterOrEqual(t, r.CreateAt, begin)
		require.Less(t, r.CreateAt, end)
		require.Equal(t, "user", r.CommanderID)
		state := "Ongoing"
		if i < 3 {
			state = "Ended"
		}
		day := time.Unix(r.CreateAt/1000, 0).UTC().Format("2006-01-02")
		require.Equal(t, "| ~name-"+strconv.Itoa(i+1)+" | "+day+" | "+state+" |", rows[i])
	}
}

func TestBulk_IsReproducible(t *testing.T) {
	w, again, other := newTesting(), newTesting(), newTesting()
	again.svc.books = []playbook.Playbook{{ID: "p1"}, {ID: "p3"}, {ID: "p2"}}
	w.Says(t, bulkCommand+"-5")
	again.Says(t, bulkCommand+"-5")
	other.Says(t, bulkCommand+"-6")
	require.Equal(t, w.svc.started, again.svc.started)
	require.NotEqual(t, w.svc.started, other.svc.started)
	require.Equal(t, "p2", w.svc.books[0].ID, "the service's list was sorted in place")
}

// The dates are those of universal time, wherever the server stands, and other users of random numbers change nothing.
func TestBulk_DatesAreUTC(t *testing.T) {
	here := time.Local
	defer func() { time.Local = here }()
	var texts []string
	var started [][]app.StartRequest
	for _, hours := range []int{-12, 0, 14} {
		time.Local = time.FixedZone("", hours*3600)
		_ = rand.Int()
		w := newTesting()
		texts, started = append(texts, w.Says(t, bulkCommand+"5")), append(started, w.svc.started)
	}
	for n := range texts {
		require.Equal(t, texts[0], texts[n])
		require.Equal(t, started[0], started[n])
	}
	for _, r := range started[0] {
		require.Contains(t, texts[0], " "+time.UnixMilli(r.CreateAt).UTC().Format(time.DateOnly)+" ")
	}
}

func TestBulk_Refusals(t *testing.T) {
	const days = " 2020-01-01 2020-01-02"
	for text, want := range map[string]string{
		"": "Give two numbers", "1 1 2020-01-01": "Give two numbers", "x 1" + days: "ongoing", "1 x" + days: "ended",
		"1 1 2020-1-1 2020-01-02": "begin date", "1 1 2020-01-01 soon": "end date", "1 1" + days + " x": "seed",
		"0 0" + days: "Nothing was created", "1 1 2020-01-01 2020-01-01": "after the begin", "1 1 2020-01-02 2020-01-01": "after the begin",
		"1001 0" + days: "1000", "500 501" + days: "1000", "9223372036854775807 9223372036854775807" + days: "1000",
	} {
		w := newTesting()
		require.Contains(t, w.Says(t, "/incident test bulk-data "+text), want)
		require.Empty(t, w.svc.started)
	}
	w := newTesting()
	w.svc.books = nil
	require.Contains(t, w.Says(t, bulkCommand), "no playbook")
}

func TestBulk_RefusesNegativeNumbers(t *testing.T) {
	for _, text := range []string{"-5 1", "-1 2", "1 -1", "-1 1", "-9223372036854775808 0"} {
		w := newTesting()
		require.Contains(t, w.Says(t, "/incident test bulk-data "+text+" 2020-01-01 2020-02-01"), "Nothing was created")
		require.Empty(t, w.svc.started)
		require.Empty(t, w.log.Errors)
	}
}

func TestBulk_FailureMidway(t *testing.T) {
	w := newTesting()
	w.svc.start = func(app.StartRequest) (incident.Incident, error) {
		if len(w.svc.started) == 4 {
			return incident.Incident{}, errors.New("broken")
		}
		return incident.Incident{}, nil
	}
	shown := w.Run(t, bulkCommand)
	require.Len(t, shown, 2)
	require.Contains(t, shown[0].Message, "Only 3 of 10")
	require.Empty(t, w.svc.done)
	require.Len(t, w.log.Errors, 1)
}

func TestBulk_ALongTableIsCut(t *testing.T) {
	w := newTesting()
	w.host.FindChannel = func(id string) (*model.Channel, error) { return &model.Channel{Name: strings.Repeat("x", 64)}, nil }
	text := w.Says(t, "/incident test bulk-data 1000 0 2020-01-01 2021-01-01 1")
	require.LessOrEqual(t, len(text), incident.MaxMessage)
	shown := strings.Count(text, "\n| ~")
	require.Contains(t, text, "and "+strconv.Itoa(1000-shown)+" more")
}

func TestNamesOfTestData(t *testing.T) {
	require.Len(t, incidentTitles, 40)
	require.Len(t, companies, 40)
	seen := map[string]bool{}
	for _, list := range [][]string{incidentTitles, companies} {
		for _, name := range list {
			require.False(t, seen[name], name)
			seen[name] = true
		}
	}
	for _, c := range companies {
		for _, title := range incidentTitles {
			require.LessOrEqual(t, len("["+c+"] "+title), incident.MaxName)
		}
	}
}

// miniService keeps one playbook and one incident in memory, by the real rules.
type miniService struct {
	*fakeService
	book    playbook.Playbook
	inc     incident.Incident
	faulty  string // the method that fails
	cause   error
	deleted bool
}

func (m *miniService) broken(name string) error {
	if m.faulty == name {
		return m.cause
	}
	return nil
}

func (m *miniService) CreatePlaybook(_ context.Context, _ string, p playbook.Playbook) (string, error) {
	if err := m.broken("CreatePlaybook"); err != nil {
		return "", err
	}
	m.book, m.book.ID = p, bookID
	return bookID, m.book.Clean()
}
func (m *miniService) UpdatePlaybook(_ context.Context, _, id string, p playbook.Playbook) error {
	m.book, m.book.ID = p, id
	return m.book.Clean()
}
func (m *miniService) DeletePlaybook(context.Context, string, string) error {
	m.deleted = m.faulty != "DeletePlaybook"
	return nil
}
func (m *miniService) Playbook(context.Context, string, string) (playbook.Playbook, error) {
	if m.deleted {
		return playbook.Playbook{}, app.ErrPlaybookNotFound
	}
	return m.book, nil
}
func (m *miniService) MemberPlaybooks(context.Context, string, string) ([]playbook.Playbook, error) {
	return []playbook.Playbook{m.book}, nil
}
func (m *miniService) Start(_ context.Context, r app.StartRequest) (incident.Incident, error) {
	m.inc = incident.Incident{ID: "inc", Name: r.Name, ChannelID: "chan", IsActive: true, Checklists: incident.StagesForStart(m.book.Checklists)}
	return m.inc.Clone(), nil
}
func (m *miniService) Incident(context.Context, string, string) (incident.Incident, error) {
	return m.inc.Clone(), nil
}
func (m *miniService) IncidentByChannel(context.Context, string, string) (incident.Incident, error) {
	return m.inc.Clone(), nil
}
func (m *miniService) AddTask(_ context.Context, _, _ string, stage incident.Ref, task incident.Task) (incident.Task, error) {
	task.ID = model.NewId()
	m.inc.Checklists[stage.Position].Tasks = append(m.inc.Checklists[stage.Position].Tasks, task)
	return task, nil
}
func (m *miniService) EditTask(_ context.Context, _, _ string, stage, task incident.Ref, title, command string, text *string) error {
	_, err := m.inc.EditTask(stage, task, title, command, text, "anna", 7)
	return err
}
func (m *miniService) RemoveTask(_ context.Context, _, _ string, stage, task incident.Ref) error {
	_, err := m.inc.RemoveTask(stage, task)
	return err
}
func (m *miniService) MoveTask(_ context.Context, _, _ string, stage, task incident.Ref, to int) error {
	if m.faulty == "MoveTask" {
		return m.cause
	}
	_, err := m.inc.MoveTask(stage, task, to)
	return err
}
func (m *miniService) SetTaskState(_ context.Context, _, _ string, stage, task incident.Ref, state incident.State) error {
	_, err := m.inc.SetTaskState(stage, task, state, 1)
	return err
}
func (m *miniService) ToggleTask(_ context.Context, _, _ string, stage, task incident.Ref) error {
	_, err := m.inc.ToggleTask(stage, task, 1)
	return err
}
func (m *miniService) End(context.Context, string, string) error {
	_, err := m.inc.End(1)
	return err
}

func newSelfTest() (*toolsFixture, *miniService) {
	w := newTesting()
	m := &miniService{fakeService: w.svc}
	w.use(m)
	return w, m
}

func TestSelfTest_PassesAndKeepsData(t *testing.T) {
	w, m := newSelfTest()
	text := w.Says(t, "/incident test self CONFIRM TEST SELF")
	require.Contains(t, text, "passed all "+strconv.Itoa(len(selfTestSteps)))
	require.Empty(t, w.svc.done, "something else than the test's own things was changed")
	require.Len(t, m.book.Checklists, 3)
	require.EqualValues(t, 10, m.book.NumSteps)
	require.True(t, strings.HasPrefix(m.inc.Name, "Self test "))
	require.True(t, m.deleted)
	require.False(t, m.inc.IsActive)
	require.Equal(t, []string{"chan"}, w.host.Archived)
	require.Empty(t, w.log.Warnings)
}

func TestSelfTest_NeedsTheExactWords(t *testing.T) {
	w, m := newSelfTest()
	for _, text := range []string{"", " confirm test self", " CONFIRM TEST", " CONFIRM TEST SELF x"} {
		require.Contains(t, w.Says(t, "/incident test self"+text), "CONFIRM TEST SELF")
	}
	require.Empty(t, m.book.ID)
}

func TestSelfTest_NamesTheFailedStepAndCleansUp(t *testing.T) {
	w, m := newSelfTest()
	m.faulty, m.cause = "MoveTask", errors.New("SECRET")
	shown := w.Run(t, "/incident test self CONFIRM TEST SELF")
	require.Len(t, shown, 2)
	require.Contains(t, shown[0].Message, `"move a task"`)
	require.NotContains(t, shown[1].Message, "SECRET")
	require.Len(t, w.log.Errors, 1)
	require.True(t, m.deleted)
	require.False(t, m.inc.IsActive)
	require.Equal(t, []string{"chan"}, w.host.Archived)
}

func TestSelfTest_NoticesWhatHasNoEffect(t *testing.T) {
	for method, step := range map[string]string{"MoveTask": "move a task", "DeletePlaybook": "delete the playbook"} {
		w, m := newSelfTest()
		m.faulty = method // does nothing, without an error
		shown := w.Run(t, "/incident test self CONFIRM TEST SELF")
		require.Len(t, shown, 2, method)
		require.Contains(t, shown[0].Message, step)
		require.Empty(t, w.log.Errors)
	}
	w, m := newSelfTest()
	m.faulty, m.cause = "CreatePlaybook", incident.ErrForbidden
	shown := w.Run(t, "/incident test self CONFIRM TEST SELF")
	require.Len(t, shown, 2)
	require.Equal(t, incident.ErrForbidden.Message, shown[1].Message)
	require.Empty(t, w.host.Archived)
	require.False(t, m.deleted)
}

func TestHelpIsForAdministratorsOfTestServers(t *testing.T) {
	w := newToolsFixture()
	require.NotContains(t, w.Says(t, "/incident help"), "test")
	w.svc.admin = true
	require.NotContains(t, w.Says(t, "/incident help"), "test")
	w.host.EnableTesting()
	require.True(t, strings.HasSuffix(w.Says(t, "/incident help"), "* `/incident test create-incident [playbook ID] [YYYY-MM-DD] [incident name]` - Start an incident at a date.\n"+
		"* `/incident test bulk-data [ongoing] [ended] [begin] [end] [seed]` - Make many incidents.\n"+
		"* `/incident test self CONFIRM TEST SELF` - Test the plugin.\n"+
		"* `/incident nuke-db CONFIRM NUKE` - Delete all incidents and playbooks of this server.\n"+
		"* `/incident help` - Show this list.\n"))
}

func FuzzCommandLine(f *testing.F) {
	for _, text := range []string{"test bulk-data -5 1 2020-01-01 2020-02-01", "test create-incident x 9999-99-99 n", "test self", "nuke-db CONFIRM NUKE", "test %d"} {
		f.Add("/incident " + text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		words := strings.Fields(strings.ToLower(text))
		if strings.Contains(text, "CONFIRM") && strings.Contains(text, "SELF") || len(words) < 2 || words[1] != "test" && words[1] != "nuke-db" {
			t.Skip("has its own test")
		}
		w := newTesting()
		w.Run(t, text)
		if len(w.log.Errors) > 0 {
			t.Fatalf("%q: %v", text, w.log.Errors)
		}
	})
}
