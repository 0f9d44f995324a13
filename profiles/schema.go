package profiles

import (
	"bytes"
	"encoding/json"

	"ancmbench"
)

// keysOf returns the keys of a profile, for values that are thrown away.
func keysOf() fields {
	r := &reader{lines: map[string]int{}}
	return r.top(new(ancmbench.Profile))
}

// Schema returns the JSON Schema (draft 2020-12) of a profile, for editors. It is made from
// the keys that the reader uses. A profile that it rejects has a fault; one that it accepts
// may still have one, because it knows no rule about several keys.
func Schema() []byte {
	s := mappingSchema(keysOf())
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["title"] = "Profile of ancmbench"
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", " ")
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic("profiles: the schema cannot be written: " + err.Error())
	}
	return b.Bytes()
}

func mappingSchema(legal fields) schema {
	properties := schema{}
	for _, k := range legal {
		one := k.looks.jsonSchema()
		one["description"] = k.says
		properties[k.name] = one
	}
	return schema{"type": "object", "additionalProperties": false, "properties": properties}
}

// jsonSchema returns the schema of a shape; the caller may change it.
func (s shape) jsonSchema() schema {
	switch {
	case s.list != nil:
		return schema{"type": "array", "items": s.list.jsonSchema()}
	case s.keys != nil:
		return mappingSchema(s.keys())
	case s.free != nil:
		return schema{"type": "object", "additionalProperties": s.free.jsonSchema()}
	case s.either != nil:
		var all []schema
		for _, one := range s.either {
			all = append(all, one.jsonSchema())
		}
		return schema{"anyOf": all}
	}
	out := schema{}
	for name, v := range s.schema {
		out[name] = v
	}
	return out
}
