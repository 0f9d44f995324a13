package ancmbench

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Vars are the values of a workload's variables. A variable is written {{name}} in the
// path, in the value of a header field, or in the body of a request.
type Vars struct {
	// Names are those of the variables, one for each column.
	Names []string `json:"names"`
	// Rows has one value for each name in each row.
	Rows [][]string `json:"rows"`
	// Random draws the row of each request by the seed. Otherwise request n of a target
	// takes row n, from the beginning again after the last row.
	Random bool `json:"random,omitempty"`
}

// MaxVarsFile limits a file of variables, in bytes.
const MaxVarsFile = 32 << 20

// ParseVars reads variables from CSV (RFC 4180): their names in the first line, and their
// values in the others. It fails if the text is no CSV or has no values.
func ParseVars(text []byte) (*Vars, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff")))) // a mark that some programs write
	r.ReuseRecord = false
	rows, err := r.ReadAll()
	switch {
	case err != nil:
		return nil, fmt.Errorf("not CSV: %w", err)
	case len(rows) < 2:
		return nil, fmt.Errorf("%d lines: the first has the names, and at least one more has values", len(rows))
	case len(rows)-1 > MaxRows:
		return nil, fmt.Errorf("%d rows: there may be at most %d", len(rows)-1, MaxRows)
	}
	v := &Vars{Rows: rows[1:]}
	for _, name := range rows[0] {
		v.Names = append(v.Names, strings.TrimSpace(name))
	}
	return v, nil
}

// VarName matches the name of a variable.
var VarName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)

var variable = regexp.MustCompile(`\{\{[A-Za-z_][A-Za-z0-9_.-]*\}\}`)

// Variables returns the names of the variables in a request, each once, in the order in
// which they occur.
func (q Request) Variables() []string {
	var names []string
	note := func(text string) {
		if !strings.Contains(text, "{{") {
			return
		}
		for _, v := range variable.FindAllString(text, -1) {
			if name := v[2 : len(v)-2]; !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	note(q.Path)
	for _, f := range q.Header {
		note(f.Value)
	}
	note(string(q.Body))
	return names
}

// Fill returns the request with the values of a row in place of its variables. Variables
// without a column stay as they are. A value that contains {{name}} is not filled again.
func (v *Vars) Fill(q Request, row int) Request {
	var pairs []string
	for i, name := range v.Names {
		pairs = append(pairs, "{{"+name+"}}", v.Rows[row][i])
	}
	fill := strings.NewReplacer(pairs...).Replace
	q.Path = fill(q.Path)
	q.Header = slices.Clone(q.Header)
	for i := range q.Header {
		q.Header[i].Value = fill(q.Header[i].Value)
	}
	if len(q.Body) > 0 {
		q.Body = []byte(fill(string(q.Body)))
	}
	return q
}

// CheckVars returns an error for what is wrong with the variables of a workload: names, rows of another
// length than the names, variables that have no values, and values that cannot stand where
// the requests have them.
func (w Workload) CheckVars() error {
	var l FaultList
	fault := func(ok bool, format string, args ...any) {
		if !ok {
			l.Add(fmt.Errorf("variables: "+format, args...))
		}
	}
	var v Vars
	if w.Vars != nil {
		v = *w.Vars
		fault(len(v.Names) > 0 && len(v.Names) <= MaxVars, "%d names: there must be 1 to %d", len(v.Names), MaxVars)
		fault(len(v.Rows) > 0 && len(v.Rows) <= MaxRows, "%d rows: there must be 1 to %d", len(v.Rows), MaxRows)
	}
	for i, name := range v.Names {
		fault(VarName.MatchString(name), "column %d: %q is no name: it has letters, digits, dots, dashes or underscores, and begins with a letter or an underscore", i+1, name)
		fault(!slices.Contains(v.Names[:i], name), "the name %q is given twice", name)
	}
	for i, row := range v.Rows {
		if len(row) != len(v.Names) {
			fault(false, "row %d has %d values for %d names", i+1, len(row), len(v.Names))
		}
	}
	if l.Err() == nil {
		w.checkValues(v, fault)
		total := w.filledSize(v)
		fault(total <= maxFilled, "the requests with all values take %d MiB, and may take %d", total>>20, maxFilled>>20)
	}
	return l.Err()
}

// maxFilled limits the requests of a workload with their values, in bytes: all of them are
// prepared before the load begins.
const maxFilled = 512 << 20

// filledSize returns about how many bytes the requests take with their values.
func (w Workload) filledSize(v Vars) int64 {
	var values, total int64
	for _, row := range v.Rows {
		for _, text := range row {
			values += int64(len(text))
		}
	}
	for _, q := range w.Requests {
		if len(q.Variables()) == 0 {
			continue
		}
		size := len(q.Path) + len(q.Body)
		for _, f := range q.Header {
			size += len(f.Name) + len(f.Value)
		}
		total += int64(size)*int64(len(v.Rows)) + values
	}
	return total
}

// checkValues checks the values where the requests have them.
func (w Workload) checkValues(v Vars, fault func(ok bool, format string, args ...any)) {
	inLine := map[int]bool{} // columns that stand in a line of the head
	for _, q := range w.Requests {
		for _, name := range q.Variables() {
			fault(slices.Contains(v.Names, name), "nothing gives {{%s}} a value", name)
		}
		head := q
		head.Body = nil
		for _, name := range head.Variables() {
			inLine[slices.Index(v.Names, name)] = true
		}
		first := variable.FindString(q.Path)
		if at := slices.Index(v.Names, strings.Trim(first, "{}")); at >= 0 && strings.HasPrefix(q.Path, first) {
			for i, row := range v.Rows {
				if !strings.HasPrefix(row[at], "/") {
					fault(false, "row %d: the path %s must begin with a slash", i+1, q.Path)
				}
			}
		}
	}
	for i, row := range v.Rows {
		for k, text := range row {
			if inLine[k] && strings.ContainsAny(text, "\r\n\x00") {
				fault(false, "row %d: the value of %s holds a line break, which would end the line of a request", i+1, v.Names[k])
			}
		}
	}
}
