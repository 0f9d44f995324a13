package models

// Fault is what is wrong with the value of one of a site's Options. Faults are joined
// in an OptionsError.
type Fault struct {
	// Option is the field's name, in Options or in NativeModules; a front of
	// FrontListen is its key: "FrontListen[tls]".
	Option string
	// Value is as it was given; empty where Err names it.
	Value string
	Err   error

	about string // how Error begins
}

// Error names the option in words.
func (f *Fault) Error() string {
	if f.about == "" {
		return f.Err.Error()
	}
	return f.about + ": " + f.Err.Error()
}

// Unwrap returns what is wrong.
func (f *Fault) Unwrap() error { return f.Err }
