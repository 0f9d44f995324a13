package profiles

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"ancmbench"
)

// reader walks the YAML, remembers the line of each key, and collects faults.
type reader struct {
	file   string
	base   string // the folder from which the file's paths go; empty if it is embedded
	lines  map[string]int
	faults Faults
	budget func(string) error // checks the text of a budget; nil accepts any
	// open reads a file that the profile names; nil if it can name none.
	open func(name string, most int64) ([]byte, error)
}

func (r *reader) fault(line int, key, format string, args ...any) {
	r.faults = append(r.faults, Fault{File: r.file, Line: line, Key: key, Problem: fmt.Sprintf(format, args...)})
}

// all returns the reader's faults and those of the rules. A rule's fault gets the line of
// its key, or of the nearest key above. It is left out if the key could not be read.
func (r *reader) all(p ancmbench.Profile) Faults {
	read := slices.Clone(r.faults)
	if slices.ContainsFunc(read, func(f Fault) bool { return f.Key == "" }) {
		return read.byLine()
	}
	for _, f := range rules(p) {
		if slices.ContainsFunc(read, func(g Fault) bool { return within(f.Key, g.Key) || within(g.Key, f.Key) }) {
			continue
		}
		f.File, f.Line = r.file, r.line(f.Key)
		r.faults = append(r.faults, f)
	}
	return r.faults.byLine()
}

func (r *reader) line(key string) int {
	for key != "" {
		if l, ok := r.lines[key]; ok {
			return l
		}
		key = key[:max(strings.LastIndexAny(key, ".["), 0)]
	}
	return 1
}

// root parses the text and returns its one mapping, or nil after a fault.
func (r *reader) root(text []byte) (body ast.Node) {
	if len(text) > maxFile {
		r.fault(1, "", "%d bytes: a profile has at most %d", len(text), maxFile)
		return nil
	}
	// The parser is not ours and the text may be hostile: a panic of the parser becomes
	// a fault of the text, so that the program does not crash.
	defer func() {
		if p := recover(); p != nil {
			r.fault(1, "", "cannot be read as YAML (%v)", p)
			body = nil
		}
	}()
	tokens := lexer.Tokenize(string(text))
	if line := tooDeep(tokens); line > 0 {
		r.fault(line, "", "nested deeper than %d levels", maxDepth)
		return nil
	}
	f, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		line, problem := 1, err.Error()
		var at yaml.Error
		if errors.As(err, &at) {
			problem = at.GetMessage()
			if t := at.GetToken(); t != nil && t.Position != nil {
				line = t.Position.Line
			}
		}
		r.fault(line, "", "not YAML: %s", problem)
		return nil
	}
	for _, doc := range f.Docs {
		if doc.Body == nil {
			continue
		}
		if body != nil {
			r.fault(lineOf(doc.Body), "", "a second document: a profile is one")
			return nil
		}
		body = doc.Body
	}
	if body == nil {
		r.fault(1, "", "is empty: a profile has at least phases")
	}
	return body
}

// maxDepth limits lists within lists, because the parser's memory grows with the square of
// the depth: 3 GB for 64 KiB of opening brackets.
const maxDepth = 32

// tooDeep returns the line at which the nesting exceeds maxDepth, or 0. The file's size
// limits nesting by indentation.
func tooDeep(tokens token.Tokens) int {
	flow, inLine, line := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			inLine, line = 0, t.Position.Line
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow--
		case token.SequenceEntryType, token.MappingKeyType:
			inLine++
		}
		if flow+inLine > maxDepth {
			return max(line, 1)
		}
	}
	return 0
}

func lineOf(n ast.Node) int {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return max(t.Position.Line, 1)
	}
	return 1
}

// mapping passes each value of a mapping to the field of its key.
func (r *reader) mapping(n ast.Node, key string, legal fields) {
	m, ok := n.(ast.MapNode)
	if !ok {
		r.wrongKind(n, key, "a mapping of "+strings.Join(legal.names(), ", "))
		return
	}
	seen := map[string]bool{}
	for it := m.MapRange(); it.Next(); {
		name := keyText(it.Key())
		path, line := join(key, name), lineOf(it.Key())
		field, known := legal.find(name)
		switch {
		case !known:
			r.fault(line, path, "unknown key%s", meant(name, legal.names()))
		case seen[name]:
			r.fault(line, path, "given twice; first at line %d", r.lines[path])
		default:
			seen[name] = true
			r.lines[path] = line
			field.take(it.Value(), path)
		}
	}
}

func join(parent, name string) string {
	if parent == "" {
		return name
	}
	return parent + "." + name
}

func keyText(k ast.MapKeyNode) string {
	if s, ok := k.(*ast.StringNode); ok {
		return s.Value
	}
	return strings.TrimSpace(k.String())
}

// list passes each element of a sequence to element.
func (r *reader) list(n ast.Node, key, of string, element func(n ast.Node, key string)) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		r.wrongKind(n, key, "a list of "+of)
		return
	}
	for i, v := range s.Values {
		path := fmt.Sprintf("%s[%d]", key, i)
		r.lines[path] = lineOf(v)
		element(v, path)
	}
}

// wrongKind adds a fault that says what was found instead of want.
func (r *reader) wrongKind(n ast.Node, key, want string) {
	r.fault(lineOf(n), key, "%s; it must be %s", found(n), want)
}

func found(n ast.Node) string {
	switch n := n.(type) {
	case *ast.NullNode:
		return "has no value"
	case *ast.AliasNode, *ast.AnchorNode, *ast.TagNode, *ast.MergeKeyNode:
		return "is an anchor, alias or tag, which a profile does not have"
	case *ast.SequenceNode:
		return "is a list"
	case ast.MapNode:
		return "is a mapping"
	case ast.ScalarNode:
		return fmt.Sprintf("is %q", short(n.GetToken().Value))
	}
	return "is something else"
}

func short(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return s[:most] + "..."
}
