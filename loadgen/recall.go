package loadgen

// Fields tells which of the expected fields were right so far, as a value that
// means something only to Recall and the Expectation that judged them.
func (a *Answer) Fields() uint64 { return a.right }

// Recall restores what Fields told for a head that was the same byte for byte,
// so that an engine need not hand over the same fields again; 0 forgets them.
func (a *Answer) Recall(fields uint64) { a.right = fields }
