// Package apitest compares what the REST API answers with its descriptions, files named api.yaml. Only tests use it.
package apitest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"sort"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/pkg/errors"
)

// basePath is where the API begins, behind the path that Mattermost gives the plugin.
const basePath = "/api/v0"

// Checker compares answers with OpenAPI descriptions.
type Checker struct{ operations []operation }

type operation struct {
	method, path string
	pattern      *regexp.Regexp
	variables    int
	route        *routers.Route
}

func init() { openapi3filter.RegisterBodyDecoder("text/markdown", plain) }

// plain reads a body that is text.
func plain(body io.Reader, _ http.Header, _ *openapi3.SchemaRef, _ openapi3filter.EncodingFn) (any, error) {
	text, err := io.ReadAll(body)
	return string(text), err
}

// LoadAll reads the descriptions of the core and of all capabilities. server is the folder of the server.
func LoadAll(server string) (*Checker, error) {
	paths, err := filepath.Glob(filepath.Join(server, "*", "api.yaml"))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, errors.New("no api.yaml was found in " + server)
	}
	return Load(paths...)
}

// Load reads and validates the descriptions at some paths. They may refer to each other.
func Load(yamlPaths ...string) (*Checker, error) {
	c := &Checker{}
	for _, path := range yamlPaths {
		if err := c.load(path); err != nil {
			return nil, err
		}
	}
	sort.Slice(c.operations, func(i, j int) bool { // literal paths first
		a, b := c.operations[i], c.operations[j]
		if a.variables != b.variables {
			return a.variables < b.variables
		}
		return a.method+a.path < b.method+b.path
	})
	return c, nil
}

func (c *Checker) load(yamlPath string) error {
	loader := openapi3.NewLoader()
	loader.IsExternalRefsAllowed = true
	doc, err := loader.LoadFromFile(yamlPath)
	if err != nil {
		return errors.Wrap(err, "read "+yamlPath)
	}
	if err = doc.Validate(context.Background()); err != nil {
		return errors.Wrap(err, "validate "+yamlPath)
	}
	for path, item := range doc.Paths.Map() {
		pattern, variables, err := compile(path, item)
		if err != nil {
			return err
		}
		for method, op := range item.Operations() {
			c.operations = append(c.operations, operation{method, path, pattern, variables,
				&routers.Route{Spec: doc, Path: path, PathItem: item, Method: method, Operation: op}})
		}
	}
	return nil
}

var variable = regexp.MustCompile(`\{[a-z_]+\}`)

// compile makes a pattern of a path's template and the patterns of its parameters.
func compile(path string, item *openapi3.PathItem) (*regexp.Regexp, int, error) {
	count := 0
	var missing error
	text := variable.ReplaceAllStringFunc(path, func(v string) string {
		count++
		p := item.Parameters.GetByInAndName("path", v[1:len(v)-1])
		if p == nil || p.Schema == nil || p.Schema.Value.Pattern == "" {
			missing = errors.Errorf("%s: the parameter %s has no pattern", path, v)
			return v
		}
		return "(?:" + strings.TrimSuffix(strings.TrimPrefix(p.Schema.Value.Pattern, "^"), "$") + ")"
	})
	if missing != nil {
		return nil, 0, missing
	}
	pattern, err := regexp.Compile("^" + text + "$")
	return pattern, count, err
}

// Routes lists the described routes as "METHOD /path", sorted.
func (c *Checker) Routes() []string {
	var all []string
	for _, o := range c.operations {
		all = append(all, o.method+" "+o.path)
	}
	sort.Strings(all)
	return all
}

// Check compares one answer with the description. requestPath may begin with the plugin's path and /api/v0, and may
// have a query. What is not described must be answered with 404 or, if only the method is not described, 405.
func (c *Checker) Check(method, requestPath string, status int, header http.Header, body []byte) error {
	u, err := url.Parse(requestPath)
	if err != nil {
		return err
	}
	path := u.Path
	if i := strings.Index(path, basePath+"/"); i >= 0 {
		path = path[i+len(basePath):]
	}
	o, known := c.find(method, path)
	if o == nil {
		return unknown(known, status, header, body)
	}
	what := fmt.Sprintf("%s %s answered %d", method, path, status)
	response := o.route.Operation.Responses.Status(status)
	if response == nil {
		return errors.Errorf("%s, which api.yaml does not describe: %s", what, body)
	}
	_, mayBeEmpty := response.Value.Extensions["x-may-be-empty"]
	described := len(response.Value.Content) > 0
	if !described && len(body) > 0 {
		return errors.Errorf("%s with a body, which api.yaml does not describe: %s", what, body)
	}
	if len(body) == 0 && (mayBeEmpty || !described) {
		return errors.Wrap(checkHeaders(response.Value, header), what)
	}
	request, err := http.NewRequest(method, path, http.NoBody)
	if err != nil {
		return err
	}
	err = openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: request, Route: o.route},
		Status:                 status,
		Header:                 header,
		Body:                   io.NopCloser(bytes.NewReader(body)),
		Options:                &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	})
	return errors.Wrap(err, what)
}

// checkHeaders validates the described headers of an answer without body.
func checkHeaders(response *openapi3.Response, header http.Header) error {
	for name, h := range response.Headers {
		value := header.Get(name)
		if value == "" {
			if h.Value.Required {
				return errors.Errorf("the header %s is missing", name)
			}
			continue
		}
		if err := h.Value.Schema.Value.VisitJSON(value); err != nil {
			return errors.Wrap(err, "header "+name)
		}
	}
	return nil
}

// find gives the operation for a method and path, and whether the path has other methods.
func (c *Checker) find(method, path string) (found *operation, known bool) {
	for i := range c.operations {
		o := &c.operations[i]
		if !o.pattern.MatchString(path) {
			continue
		}
		known = true
		if o.method == method {
			return o, true
		}
	}
	return nil, known
}

func unknown(known bool, status int, header http.Header, body []byte) error {
	switch {
	case !known && status != http.StatusNotFound:
		return errors.Errorf("the path is not described, but answered %d", status)
	case known && status != http.StatusMethodNotAllowed:
		return errors.Errorf("the method is not described, but answered %d", status)
	case known && len(body) > 0:
		return errors.Errorf("405 has a body: %s", body)
	case !known && !strings.HasPrefix(header.Get("Content-Type"), "text/plain"):
		return errors.Errorf("404 of an unknown path is not plain text but %q", header.Get("Content-Type"))
	}
	return nil
}
