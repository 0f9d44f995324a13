package ancmbench

import _ "embed"

//go:embed schema/result.schema.json
var schema string

// Schema is the JSON Schema (draft 2020-12) of the results file, for readers in
// other languages. It is made from the types of this package, by a test.
func Schema() []byte { return []byte(schema) }
