package profiles

import (
	"bytes"

	"github.com/goccy/go-yaml/ast"

	"ancmbench"
)

func (r *reader) workloads(to *[]ancmbench.Workload) value {
	keys := func() fields { return r.workloadKeys(new(ancmbench.Workload), new(ancmbench.Request)) }
	return value{looks: shape{list: &shape{keys: keys}}, take: func(n ast.Node, key string) {
		*to = nil
		r.list(n, key, "workloads", func(n ast.Node, key string) {
			*to = append(*to, r.workload(n, key))
		})
	}}
}

// workloadKeys returns the keys of a workload, with those of its one request.
func (r *reader) workloadKeys(w *ancmbench.Workload, single *ancmbench.Request) fields {
	legal := fields{
		{"name", r.text(&w.Name), "what reports and phases call it"},
		{"requests", r.requests(&w.Requests), "several requests, each with a weight, instead of one"},
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
	r.mapping(n, key, r.workloadKeys(&w, &single))
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
		{"body-size", r.bodySize(q), "the size of a body that repeats the alphabet"},
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

func (r *reader) body(q *ancmbench.Request) value {
	return value{looks: textShape, take: func(n ast.Node, key string) {
		if len(q.Body) > 0 {
			r.fault(lineOf(n), key, "cannot be used together with body-size")
			return
		}
		var body string
		r.text(&body).take(n, key)
		q.Body = []byte(body)
	}}
}

// bodySize reads the size of a body that repeats the alphabet, so that it is always the
// same.
func (r *reader) bodySize(q *ancmbench.Request) value {
	return value{looks: sizeShape, take: func(n ast.Node, key string) {
		if len(q.Body) > 0 {
			r.fault(lineOf(n), key, "cannot be used together with body")
			return
		}
		var size int64
		r.size(&size).take(n, key)
		const alphabet = "abcdefghijklmnopqrstuvwxyz"
		if size > 0 {
			q.Body = bytes.Repeat([]byte(alphabet), int(size)/len(alphabet)+1)[:size]
		}
	}}
}
