package bot

import (
	"io"
	"os"
	"regexp"
)

// languageLine is the policy's language, read without reading the policy: what is wrong with a file is said in the language it asks for.
var languageLine = regexp.MustCompile(`(?m)^language:[ \t]*["']?(en|fr)["']?[ \t]*(?:#.*)?\r?$`)

// maxForLanguage is how much of a policy file is read for its language, in bytes.
const maxForLanguage = 512 << 10

// PolicyLanguage is the language that the policy file at path asks for, "" when it cannot be read or does not say. It judges nothing else
// about the file.
func PolicyLanguage(path string) string {
	if path == "" {
		return ""
	}
	f, err := os.Open(path)
	if err != nil {
		return "" // whoever needs the file says so
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxForLanguage))
	if err != nil {
		return ""
	}
	return sourceLanguage(src)
}

func sourceLanguage(src []byte) string {
	if m := languageLine.FindSubmatch(src); m != nil {
		return string(m[1])
	}
	return ""
}
