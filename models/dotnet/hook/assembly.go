//go:build clr

package hook

import _ "embed"

// Assembly is the compiled hook. A test builds it again and compares.
//
//go:embed Ancm.Hook.dll
var Assembly []byte
