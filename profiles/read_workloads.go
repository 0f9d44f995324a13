package profiles

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/goccy/go-yaml/ast"

	"ancmbench"
)

func (r *reader) workloads(to *[]ancmbench.Workload) value {
	keys := func() fields { return r.workloadKeys(new(ancmbench.Workload), new(ancmbench.Request), new(bool)) }
	return value{looks: shape{list: &shape{keys: keys}}, take: func(n ast.Node, key string) {
		*to = nil
		r.list(n, key, "workloads", func(n ast.Node, key string) {
			*to = append(*to, r.workload(n, key))
		})
	}}
}

// workloadKeys returns the keys of a workload, with those of its one request.
func (r *reader) workloadKeys(w *ancmbench.Workload, single *ancmbench.Request, random *bool) fields {
	legal := fields{
		{"name", r.text(&w.Name), "what reports and phases call it"},
		{"requests", r.requests(&w.Requests), "several requests, each with a weight, instead of one"},
		{"vars", r.vars(w), "a CSV file beside the profile: names in its first line, values in the others; {{name}} in a path, a header or a body stands for a value"},
		{"vars-order", r.varsOrder(random), "next: request n takes row n, and after the last row the first; random: drawn by the seed; default next"},
	}
	return append(legal, r.request(single).without("weight")...)
}

func (r *reader) requests(to *[]ancmbench.Request) value {
	keys := func() fields { return r.request(new(ancmbench.Request)) }
	return value{looks: shape{list: &shape{keys: keys}}, take: func(n ast.Node, key string) {
		*to = []ancmbench.Request{}
		r.list(n, key, "requests", func(n ast.Node, key string) {
			var q ancmbench.Request
			r.mapping(n, key, r.request(&q))
			*to = append(*to, q)
		})
	}}
}

// workload reads a workload with the keys of one request, or with a list of requests.
func (r *reader) workload(n ast.Node, key string) ancmbench.Workload {
	var w ancmbench.Workload
	var single ancmbench.Request
	random := false
	r.mapping(n, key, r.workloadKeys(&w, &single, &random))
	if w.Vars != nil {
		w.Vars.Random = random
	} else if line, alone := r.lines[key+".vars-order"]; alone {
		r.fault(line, key+".vars-order", "is the order of the rows of vars, and there is none")
	}
	_, many := r.lines[key+".requests"]
	if !many {
		w.Requests = []ancmbench.Request{single}
		return w
	}
	for _, k := range r.request(&single) {
		if line, both := r.lines[key+"."+k.name]; both {
			r.fault(line, key+"."+k.name, "cannot be used together with requests: write it into each of them")
		}
	}
	return w
}

// request returns the keys of one request.
func (r *reader) request(q *ancmbench.Request) fields {
	return fields{
		{"path", r.text(&q.Path), "path and query, such as /plaintext"},
		{"method", r.text(&q.Method), "the method in upper case; default GET"},
		{"header", r.header(&q.Header), "header fields"},
		{"body", r.body(q), "the body as text"},
		{"body-file", r.bodyFile(q), "a file beside the profile that has the body"},
		{"body-size", r.bodySize(q), "the size of a body that repeats the alphabet"},
		{"expect", r.expect(&q.Expect), "what a right answer is; default any with a status of 2xx"},
		{"weight", r.weight(&q.Weight), "share of this request among the requests; default 1"},
	}
}

func (r *reader) header(to *[]ancmbench.Field) value {
	return value{looks: shape{free: &textShape}, take: func(n ast.Node, key string) {
		m, ok := n.(ast.MapNode)
		if !ok {
			r.wrongKind(n, key, "a mapping of field names to values")
			return
		}
		for it := m.MapRange(); it.Next(); {
			f := ancmbench.Field{Name: keyText(it.Key())}
			path := key + "." + f.Name
			r.lines[path] = lineOf(it.Key())
			if v, ok := r.scalar(it.Value(), path, "the field's value"); ok {
				f.Value = v
				*to = append(*to, f)
			}
		}
	}}
}

// oneBody passes the node on if the request has no body yet.
func (r *reader) oneBody(q *ancmbench.Request, looks shape, set func(n ast.Node, key string)) value {
	return value{looks: looks, take: func(n ast.Node, key string) {
		if len(q.Body) > 0 {
			r.fault(lineOf(n), key, "cannot be used together with another key of a body: give one of body, body-file and body-size")
			return
		}
		set(n, key)
	}}
}

func (r *reader) body(q *ancmbench.Request) value {
	return r.oneBody(q, textShape, func(n ast.Node, key string) {
		var body string
		r.text(&body).take(n, key)
		q.Body = []byte(body)
	})
}

// bodySize reads the size of a body that repeats the alphabet, so that it is always the
// same.
func (r *reader) bodySize(q *ancmbench.Request) value {
	return r.oneBody(q, sizeShape, func(n ast.Node, key string) {
		var size int64
		r.size(&size).take(n, key)
		const alphabet = "abcdefghijklmnopqrstuvwxyz"
		if size > 0 {
			q.Body = bytes.Repeat([]byte(alphabet), int(size)/len(alphabet)+1)[:size]
		}
	})
}

func (r *reader) bodyFile(q *ancmbench.Request) value {
	return r.oneBody(q, fileShape, func(n ast.Node, key string) {
		q.Body = r.readFile(n, key, maxBody)
	})
}

// fileShape is the shape of a file's name.
var fileShape = shape{words: "the name of a file", schema: schema{"type": "string"}}

// readFile reads a file that the profile names. It returns nil after a fault.
func (r *reader) readFile(n ast.Node, key string, most int64) []byte {
	var name string
	before := len(r.faults)
	if read(r, &name, fileShape, notEmpty).take(n, key); len(r.faults) > before {
		return nil
	}
	if r.open == nil {
		r.fault(lineOf(n), key, "only a profile that is a file itself can name one")
		return nil
	}
	text, err := r.open(name, most)
	if err != nil {
		r.fault(lineOf(n), key, "%v", err)
		return nil
	}
	return text
}

func (r *reader) vars(w *ancmbench.Workload) value {
	return value{looks: fileShape, take: func(n ast.Node, key string) {
		text := r.readFile(n, key, ancmbench.MaxVarsFile)
		if text == nil {
			return
		}
		v, err := ancmbench.ParseVars(text)
		if err != nil {
			r.fault(lineOf(n), key, "%v", err)
			return
		}
		w.Vars = v
	}}
}

// varOrders are the values of vars-order, the default first.
var varOrders = []string{"next", "random"}

func (r *reader) varsOrder(random *bool) value {
	return read(r, random, oneOf(varOrders), func(s string) (bool, error) {
		if !slices.Contains(varOrders, s) {
			return false, fmt.Errorf("unknown order %q%s", short(s), meant(s, varOrders))
		}
		return s == "random", nil
	})
}

// expect reads what a right answer is.
func (r *reader) expect(to **ancmbench.Expect) value {
	keys := func(e *ancmbench.Expect) fields {
		return fields{
			{"status", read(r, &e.Statuses, statusShape, ancmbench.ParseStatuses), "statuses that are right, such as 2xx,304; default 2xx"},
			{"body-contains", r.text(&e.BodyContains), "a text that the body contains"},
			{"body-sha256", r.text(&e.BodySHA256), "the SHA-256 of the body, 64 hexadecimal digits"},
			{"body-size", r.expectedSize(&e.BodyBytes), "the length of the body"},
			{"header", r.header(&e.Header), "header fields that the answer has with these values"},
		}
	}
	looks := shape{keys: func() fields { return keys(new(ancmbench.Expect)) }}
	return value{looks: looks, take: func(n ast.Node, key string) {
		e := new(ancmbench.Expect)
		r.mapping(n, key, keys(e))
		*to = e
	}}
}

// statusShape is the shape of a list of statuses. One status alone is a number.
var statusShape = shape{words: "statuses, such as 2xx,304", schema: schema{"type": []string{"string", "integer"}}}

func (r *reader) expectedSize(to **int64) value {
	return value{looks: sizeShape, take: func(n ast.Node, key string) {
		var size int64
		before := len(r.faults)
		if r.size(&size).take(n, key); len(r.faults) == before {
			*to = &size
		}
	}}
}
