package export

import (
	"context"
	"slices"
	"strings"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
)

// database reads the host's tables of posts and files.
type database struct{ capability.Database }

// selectPosts reads posts p of the host with their authors' names.
func (d *database) selectPosts() sq.SelectBuilder {
	props := "CAST(p.Props AS CHAR)" // text, in later versions of the host JSON
	if d.Postgres() {
		props = "CAST(p.Props AS TEXT)"
	}
	return d.Builder().Select("p.Id AS id", "COALESCE(p.UserId, '') AS userid", "COALESCE(u.Username, '') AS username",
		"COALESCE(p.RootId, '') AS rootid", "COALESCE(p.Type, '') AS type", "COALESCE(p.Message, '') AS message",
		"COALESCE(p.CreateAt, 0) AS createat", "COALESCE(p.EditAt, 0) AS editat", "COALESCE("+props+", '') AS props").
		From("Posts p").LeftJoin("Users u ON u.Id = p.UserId")
}

type postRow struct {
	ID, UserID, Username, RootID, Type, Message, Props string
	CreateAt, EditAt                                   int64
}

func (r *postRow) post() ChannelPost {
	return ChannelPost{ID: r.ID, UserID: r.UserID, Username: r.Username, RootID: r.RootID, Type: r.Type,
		Message: r.Message, Props: r.Props, CreateAt: r.CreateAt, EditAt: r.EditAt}
}

// postSize is how many bytes the texts of post p take.
const postSize = "(COALESCE(OCTET_LENGTH(p.Message), 0) + COALESCE(OCTET_LENGTH(CAST(p.Props AS %s)), 0))"

func (d *database) postSize() string {
	if d.Postgres() {
		return strings.Replace(postSize, "%s", "TEXT", 1)
	}
	return strings.Replace(postSize, "%s", "CHAR", 1)
}

// ChannelPosts goes through the index by the place after which it continues, so that each page costs the same and
// posts of the same millisecond are neither lost nor doubled at its edge. How long they are is read first.
func (d *database) ChannelPosts(ctx context.Context, channelID string, after PostCursor, limit, maxBytes int) ([]ChannelPost, error) {
	var sizes []struct {
		ID       string
		CreateAt int64
		Bytes    int
	}
	err := d.Select(ctx, &sizes, d.Builder().Select("p.Id AS id", "p.CreateAt AS createat", d.postSize()+" AS bytes").From("Posts p").
		Where(sq.Eq{"p.ChannelId": channelID, "p.DeleteAt": 0}).
		Where(sq.GtOrEq{"p.CreateAt": after.CreateAt}).
		Where(sq.Or{sq.Gt{"p.CreateAt": after.CreateAt}, sq.Gt{"p.Id": after.ID}}).
		OrderBy("p.CreateAt", "p.Id").Limit(uint64(max(limit, 0))))
	if err != nil {
		return nil, errors.Wrap(err, "look for the posts of a channel")
	}
	ids, total := make([]string, 0, len(sizes)), 0
	for _, one := range sizes {
		if total += one.Bytes; total > maxBytes && len(ids) > 0 {
			break
		}
		ids = append(ids, one.ID)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []postRow
	if err = d.Select(ctx, &rows, d.selectPosts().Where(sq.Eq{"p.Id": ids}).OrderBy("p.CreateAt", "p.Id")); err != nil {
		return nil, errors.Wrap(err, "read the posts of a channel")
	}
	if len(rows) == 0 { // all were deleted for good in between
		last := sizes[len(ids)-1]
		return d.ChannelPosts(ctx, channelID, PostCursor{CreateAt: last.CreateAt, ID: last.ID}, limit, maxBytes)
	}
	posts := make([]ChannelPost, 0, len(rows))
	for i := range rows {
		posts = append(posts, rows[i].post())
	}
	files, err := d.fileNames(ctx, ids)
	if err != nil {
		return nil, err
	}
	for i := range posts {
		posts[i].Files = files[posts[i].ID]
	}
	return posts, nil
}

// fileNames are the names of the files of each post.
func (d *database) fileNames(ctx context.Context, postIDs []string) (map[string][]string, error) {
	if len(postIDs) == 0 {
		return nil, nil
	}
	var rows []struct{ PostID, Name string }
	err := d.Select(ctx, &rows, d.Builder().Select("PostId AS postid", "COALESCE(Name, '') AS name").From("FileInfo").
		Where(sq.Eq{"PostId": postIDs, "DeleteAt": 0}).OrderBy("CreateAt", "Id"))
	if err != nil {
		return nil, errors.Wrap(err, "read the names of files")
	}
	names := map[string][]string{}
	for _, r := range rows {
		names[r.PostID] = append(names[r.PostID], r.Name)
	}
	return names, nil
}

// updates restricts a query over posts p to the status updates of an incident. Version 1.2.0 let clients store the ids of any
// posts: those of other channels are left out.
func updates(q sq.SelectBuilder, id string) sq.SelectBuilder {
	return q.Join("IR_StatusPosts sp ON sp.PostID = p.Id").
		Join("IR_Incident i ON i.ID = sp.IncidentID AND i.ChannelID = p.ChannelId").
		Where(sq.Eq{"sp.IncidentID": id, "p.DeleteAt": 0})
}

func (d *database) StatusUpdateSizes(ctx context.Context, id string, limit int) ([]PostSize, error) {
	var rows []PostSize
	err := d.Select(ctx, &rows, updates(d.Builder().Select("p.Id AS id", d.postSize()+" AS bytes").From("Posts p"), id).
		OrderBy("p.CreateAt DESC", "p.Id DESC").Limit(uint64(max(limit, 0))))
	slices.Reverse(rows)
	return rows, errors.Wrap(err, "look for the status updates of an incident")
}

func (d *database) StatusUpdates(ctx context.Context, id string, postIDs []string) ([]ChannelPost, error) {
	var rows []postRow
	err := d.Select(ctx, &rows, updates(d.selectPosts(), id).Where(sq.Eq{"p.Id": postIDs}).OrderBy("p.CreateAt", "p.Id"))
	if err != nil {
		return nil, errors.Wrap(err, "read the status updates of an incident")
	}
	posts := make([]ChannelPost, 0, len(rows))
	for i := range rows {
		posts = append(posts, rows[i].post())
	}
	return posts, nil
}
