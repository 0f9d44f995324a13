package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// hashOrFile returns the hash of --expect-body-sha256, in lower case, or that of the file
// that @FILE names; it is empty if the flag is.
func hashOrFile(text string) (string, error) {
	const flag = "--expect-body-sha256"
	if strings.HasPrefix(text, "@") {
		body, err := textOrFile(flag, text)
		if err != nil {
			return "", err
		}
		sum := sha256.Sum256(body)
		return hex.EncodeToString(sum[:]), nil
	}
	if sum, err := hex.DecodeString(text); text != "" && (err != nil || len(sum) != sha256.Size) {
		return "", fmt.Errorf("%s %q: must be 64 hexadecimal digits, or @FILE", flag, text)
	}
	return strings.ToLower(text), nil
}
