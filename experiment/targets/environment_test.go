package targets

import (
	"slices"
	"testing"
)

// The variables of a place win over what a program inherits, and its configuration's own
// win over them: as behind the module.
func TestPlaceInAWholeEnvironment(t *testing.T) {
	t.Setenv("DOTNET_gcServer", "0")
	whole := []string{"DOTNET_gcServer=0", "DOTNET_TieredPGO=1", "OTHER=x"}
	got := withPlace(whole, []string{"DOTNET_gcServer=1", "DOTNET_TieredPGO=0", "NEW=y"})
	want := []string{"DOTNET_gcServer=1", "DOTNET_TieredPGO=1", "OTHER=x", "NEW=y"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if whole[0] != "DOTNET_gcServer=0" {
		t.Error("the program's own environment was changed")
	}
}
