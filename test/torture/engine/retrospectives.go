package engine

import (
	"context"
	"fmt"
	"net/http"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/retrospective"
)

// sectionEdit is a line that a client wanted to add at the end of a section of a retrospective. Several clients work on the same
// sections at once. Each sends the revision that it has read.
type sectionEdit struct {
	incidentID, section string
	// line is its own.
	line string
	// base is the revision of the section that it was made from, revision the one that was acknowledged.
	base, revision int64
	outcome        outcome
}

// move is a publication of a retrospective, or a reopening.
type move struct {
	incidentID, actor string
	kind              incident.EventType
	outcome           outcome
}

// workOnRetrospective reads the retrospective of the lane's incident and drafts, edits, publishes or reopens it.
func (c *client) workOnRetrospective(ctx context.Context) {
	var doc retrospective.Document
	path := "/incidents/" + c.lane.record.base.ID + "/retrospective"
	mark := c.calm()
	a := c.call(c.node(), c.me, "GET", path, nil)
	if a.status != http.StatusOK || a.decode(&doc) != nil || len(doc.Sections) == 0 {
		if c.stillCalm(mark) {
			c.report.find(Crashed, "a retrospective could not be read although nothing was wrong: %s", a)
		}
		return
	}
	published, ended := doc.State == retrospective.Published, c.lane.stage < 0 && !c.lane.active
	switch n := c.rng.IntN(20); {
	case n < 2:
		c.drafts(ctx, path, &doc)
	case n < 5 || (published || ended) && n < 14:
		c.moves(ctx, path, &doc, published == (n != 2)) // sometimes what must be refused
	default:
		c.editSection(ctx, path, &doc)
	}
}

// drafts stores the draft, or writes the sections again that nobody has edited. It must leave the others alone.
func (c *client) drafts(ctx context.Context, path string, doc *retrospective.Document) {
	var result outcome
	c.insist(ctx, "retrospective drafted", &result, nil, func() *answer {
		return c.call(c.node(), c.me, "POST", path+"/draft", map[string]any{"expected_revision": doc.Revision})
	})
}

// moves reopens a retrospective, or publishes it.
func (c *client) moves(ctx context.Context, path string, doc *retrospective.Document, reopen bool) {
	m := &move{incidentID: doc.IncidentID, actor: c.me.id, kind: retrospective.EventPublished}
	step := "/publish"
	if reopen {
		m.kind, step = retrospective.EventReopened, "/reopen"
	}
	c.mu.Lock()
	c.moved = append(c.moved, m)
	c.mu.Unlock()
	c.insist(ctx, string(m.kind), &m.outcome, nil, func() *answer {
		return c.call(c.node(), c.me, "POST", path+step, map[string]any{"expected_revision": doc.Revision})
	})
}

// editSection adds a line to a section.
func (c *client) editSection(ctx context.Context, path string, doc *retrospective.Document) {
	s := &doc.Sections[c.rng.IntN(len(doc.Sections))]
	if len(s.Text) > retrospective.MaxText-100 {
		return
	}
	e := &sectionEdit{incidentID: doc.IncidentID, section: s.Key, line: fmt.Sprintf("%s%d", noteMark, c.next()), base: s.Revision}
	c.mu.Lock()
	c.edits = append(c.edits, e)
	c.mu.Unlock()
	acknowledge := func(a *answer) error {
		var made struct {
			Section struct {
				Revision int64 `json:"revision"`
			} `json:"section"`
		}
		err := a.decode(&made)
		if err == nil {
			e.revision = made.Section.Revision
		}
		return err
	}
	c.insist(ctx, "section edited", &e.outcome, acknowledge, func() *answer {
		return c.call(c.node(), c.me, "PATCH", path+"/sections/"+s.Key, map[string]any{"text": s.Text + "\n" + e.line, "expected_revision": s.Revision})
	})
}
