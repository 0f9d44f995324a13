package profiles

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// take reads one value into a field of the profile.
type take func(n ast.Node, key string)

// value is what a key may hold: how it is read, and how it looks in the file.
type value struct {
	take
	looks shape
}

// key is one legal key of a mapping. The reader, the manual and the schema all use it, so
// that no key can be read that is not described, nor described that is not read.
type key struct {
	name string
	value
	// says describes the key to users in one sentence, with its default.
	says string
}

// fields are the legal keys of a mapping, in the order of the manual.
type fields []key

// names returns the keys' names in alphabetical order.
func (f fields) names() []string {
	var out []string
	for _, k := range f {
		out = append(out, k.name)
	}
	slices.Sort(out)
	return out
}

// find returns the key with that name; ok is false if there is none.
func (f fields) find(name string) (key, bool) {
	i := slices.IndexFunc(f, func(k key) bool { return k.name == name })
	if i < 0 {
		return key{}, false
	}
	return f[i], true
}

// without returns the fields except the one with that name.
func (f fields) without(name string) fields {
	return slices.DeleteFunc(slices.Clone(f), func(k key) bool { return k.name == name })
}

// shape says how a value looks in the file. Exactly one of its groups is set: a scalar
// (words), a mapping with fixed or free keys, a list, or a choice of shapes.
type shape struct {
	// words describe a scalar: "a duration, such as 800ms".
	words string
	// schema is the scalar's JSON Schema without a description.
	schema schema
	// options are words that editors offer.
	options []string

	// keys returns the keys of a mapping, for a value that is thrown away.
	keys func() fields
	// free is the shape of all values of a mapping whose keys the user chooses.
	free *shape
	// list is the shape of a list's elements.
	list *shape
	// either lists alternatives.
	either []shape
}

// schema is a part of a JSON Schema.
type schema map[string]any

// describe returns the shape in a few words, for the manual.
func (s shape) describe() string {
	switch {
	case s.list != nil && s.list.keys != nil:
		return "a list of mappings"
	case s.list != nil:
		return "a list, each: " + s.list.describe()
	case s.keys != nil:
		return "a mapping"
	case s.free != nil:
		return "names, each with " + s.free.describe()
	case len(s.either) == 2 && s.either[1].list != nil && s.either[1].list.describe() == s.either[0].describe():
		return s.either[0].describe() + "; or a list of them"
	case s.either != nil:
		var words []string
		for _, one := range s.either {
			words = append(words, one.describe())
		}
		return strings.Join(words, ", or ")
	case s.options != nil && s.words == "":
		return strings.Join(s.options, ", ")
	case s.options != nil:
		return s.words + ": " + strings.Join(s.options, ", ")
	}
	return s.words
}

// mappings returns every mapping with fixed keys within the shape.
func (s shape) mappings() []func() fields {
	var out []func() fields
	if s.keys != nil {
		out = append(out, s.keys)
	}
	if s.list != nil {
		out = append(out, s.list.mappings()...)
	}
	for _, one := range s.either {
		out = append(out, one.mappings()...)
	}
	return out
}

// The shapes of scalars. A number in quotation marks is read like one without.
var (
	textShape     = shape{words: "text", schema: schema{"type": []string{"string", "number", "boolean"}}}
	wholeShape    = shape{words: "a whole number", schema: numeric(`^\s*[+-]?[0-9]+\s*$`, "integer")}
	numberShape   = shape{words: "a number", schema: numeric(`^\s*[+-]?[0-9]`, "number")}
	truthShape    = shape{words: "true or false", schema: schema{"enum": []any{true, false, "true", "false"}}}
	durationShape = shape{words: "a duration, such as 800ms", schema: written(`[0-9]\s*(ns|us|µs|μs|ms|s|m|h)\s*$`)}
	rateShape     = shape{words: "a rate, such as 1000/s", schema: written(`^\s*[+-]?[0-9].*/s\s*$`)}
	autoShape     = shape{words: "a rate, such as 1000/s, or auto", schema: written(`^\s*(auto|[+-]?[0-9].*/s)\s*$`)}
	shareShape    = shape{words: "a share, such as 10%", schema: written(`^\s*[+-]?[0-9].*%\s*$`)}
	sizeShape     = shape{words: "a size, such as 10KiB", schema: written(`^\s*[+-]?[0-9].*B\s*$`)}
)

func written(pattern string) schema { return schema{"type": "string", "pattern": pattern} }

func numeric(pattern, kind string) schema {
	return schema{"anyOf": []schema{{"type": kind}, written(pattern)}}
}

// oneOf returns the shape of a text that is one of several words.
func oneOf[S ~string](options []S) shape {
	var enum []any
	for _, o := range options {
		enum = append(enum, string(o))
	}
	return shape{options: words(options), schema: schema{"enum": enum}}
}

// suggested returns the shape of a text for which editors offer words, and which may be
// another text.
func suggested[S ~string](what string, options []S) shape {
	return shape{words: what, options: words(options), schema: schema{"anyOf": []schema{oneOf(options).schema, textShape.schema}}}
}

// as returns the value with another shape.
func (v value) as(s shape) value {
	v.looks = s
	return v
}
