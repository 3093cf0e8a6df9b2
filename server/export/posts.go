package export

import "context"

// ChannelPost is one post of a channel as the host stores it. Times are Unix milliseconds, 0 = never.
type ChannelPost struct {
	ID, UserID string
	// Username is the author's user name, or "" if the account was removed.
	Username string
	// RootID is the post that this one answers, or "".
	RootID string
	// Type is "" for what people and bots write, else the host's type, for example "system_join_channel".
	Type             string
	Message          string
	CreateAt, EditAt int64
	// Props is a JSON object; webhooks and bots keep attachments there.
	Props string
	// Files are the names of the attached files.
	Files []string
}

// PostCursor is a place in the order of a channel's posts, which is that of (CreateAt, ID). The zero value is before all.
type PostCursor struct {
	CreateAt int64
	ID       string
}

// PostPages gives the posts of an incident's channel page by page.
type PostPages struct {
	// Name is the incident's name.
	Name string

	page []ChannelPost
	read func(ctx context.Context, after PostCursor) ([]ChannelPost, error)
}

// ReadPosts reads the first page, so that a failure shows before anything was sent.
func ReadPosts(ctx context.Context, name string, read func(ctx context.Context, after PostCursor) ([]ChannelPost, error)) (*PostPages, error) {
	page, err := read(ctx, PostCursor{})
	if err != nil {
		return nil, err
	}
	return &PostPages{Name: name, page: page, read: read}, nil
}

// Next gives the next page, oldest post first; an empty one is the end.
func (p *PostPages) Next(ctx context.Context) ([]ChannelPost, error) {
	page := p.page
	if len(page) == 0 {
		return nil, nil
	}
	last := page[len(page)-1]
	next, err := p.read(ctx, PostCursor{CreateAt: last.CreateAt, ID: last.ID})
	if err != nil {
		return nil, err
	}
	p.page = next
	return page, nil
}

// PostSize is the size of a post in bytes.
type PostSize struct {
	ID    string
	Bytes int
}
