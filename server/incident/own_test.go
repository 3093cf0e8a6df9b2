package incident

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

type pace struct {
	Per int `json:"per"`
}

// An incident without Own has the very bytes that it had before there was any.
func TestOwn_AbsentWithoutAny(t *testing.T) {
	inc := sample()
	before, err := Marshal(inc)
	require.NoError(t, err)
	require.NotContains(t, string(before), "Own")
	inc.Own = Own{"unregistered": json.RawMessage(`{"kept":true}`)}
	after, err := Marshal(inc)
	require.NoError(t, err)
	require.Equal(t, string(before), string(after), "a key that is not registered is not shown")
	inc.Own.Store("unregistered", nil)
	require.Nil(t, inc.Own)
}

// Registered keys follow the known fields, in order, at the top level, also within other values.
func TestOwn_IsFlat(t *testing.T) {
	RegisterOwn("own_test_b", nil)
	RegisterOwn("own_test_a", nil)
	inc := sample()
	plain, err := Marshal(inc)
	require.NoError(t, err)
	inc.Own.Store("own_test_b", pace{3})
	inc.Own.Store("own_test_a", []string{"<x>"})
	inc.Own.Store("another", 1)
	got, err := Marshal(map[string]interface{}{"items": []Incident{*inc}})
	require.NoError(t, err)
	want := strings.TrimSuffix(string(plain), "}") + `,"own_test_a":["<x>"],"own_test_b":{"per":3}}`
	require.Equal(t, `{"items":[`+want+`]}`, string(got))
}

func TestOwn_Load(t *testing.T) {
	var o Own
	found, err := o.Load("k", &pace{})
	require.False(t, found)
	require.NoError(t, err)
	o.Store("k", pace{3})
	var p pace
	found, err = o.Load("k", &p)
	require.True(t, found)
	require.NoError(t, err)
	require.Equal(t, pace{3}, p)
	_, err = Own{"k": json.RawMessage(`[]`)}.Load("k", &p)
	require.Error(t, err)
	found, err = Own{"k": json.RawMessage(`null`)}.Load("k", &p)
	require.False(t, found)
	require.NoError(t, err)
}

// What is stored with one copy of an incident is not seen by another one.
func TestOwn_CopiesAreIndependent(t *testing.T) {
	inc := Incident{}
	inc.Own.Store("k", 1)
	clone, shallow := inc.Clone(), inc
	inc.Own.Store("k", 2)
	inc.Own.Store("l", 3)
	require.Equal(t, Own{"k": json.RawMessage("1")}, clone.Own)
	require.Equal(t, Own{"k": json.RawMessage("1")}, shallow.Own)
	require.Len(t, inc.Own, 2)
}

func TestOwn_Encode(t *testing.T) {
	text, err := Own(nil).Encode()
	require.NoError(t, err)
	require.Empty(t, text)
	var o Own
	o.Store("b", "<")
	o.Store("a", 1)
	text, err = o.Encode()
	require.NoError(t, err)
	require.Equal(t, `{"a":1,"b":"<"}`, text)
	read, err := DecodeOwn(text)
	require.NoError(t, err)
	require.Equal(t, o, read)
	o.Store("b", strings.Repeat("x", MaxOwnBytes-len(`{"a":1,"b":""}`)))
	_, err = o.Encode()
	require.NoError(t, err)
	o.Store("c", 1)
	_, err = o.Encode()
	require.True(t, IsKind(err, Invalid), "%v", err)
	for _, damaged := range []string{"x", "[]", `{"a":`, "5"} {
		read, err = DecodeOwn(damaged)
		require.Error(t, err, damaged)
		require.Nil(t, read)
	}
}

func TestOwn_Row(t *testing.T) {
	RegisterOwn("own_test_whole", nil)
	RegisterOwn("own_test_short", func(json.RawMessage) json.RawMessage { return json.RawMessage(`"s"`) })
	RegisterOwn("own_test_absent", func(json.RawMessage) json.RawMessage { return nil })
	var o Own
	for _, key := range []string{"own_test_whole", "own_test_short", "own_test_absent", "unregistered"} {
		o.Store(key, "long")
	}
	require.Equal(t, Own{"own_test_whole": json.RawMessage(`"long"`), "own_test_short": json.RawMessage(`"s"`)}, o.Row())
	require.Nil(t, Own{"unregistered": json.RawMessage("1")}.Row())
}
