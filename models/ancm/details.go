package ancm

import "strings"

// DetailsWanted reports whether an app's environment asks for the reasons of a
// failed start in the answer (OP-15).
func DetailsWanted(getenv func(name string) string) bool {
	detailed := getenv("ASPNETCORE_DETAILEDERRORS")
	return detailed == "1" || strings.EqualFold(detailed, "true") ||
		strings.EqualFold(getenv("ASPNETCORE_ENVIRONMENT"), "Development")
}

// DetailsHint is the paragraph of a page without details that says how to get them.
const DetailsHint = "<p>Set ASPNETCORE_DETAILEDERRORS=true for the app to see the reason here.\n"
