//go:build !race

package runbooks

import (
	"errors"

	postgres "github.com/wasilibs/go-pgquery/parser"
)

// parseSQL reads the block by PostgreSQL's own grammar (libpg_query as WebAssembly, which needs no C compiler). The first call translates the
// module: three seconds and 250 MB for as long as the process lives, so no running bot calls it.
func parseSQL(code string) *syntaxFault {
	_, err := postgres.ParseToProtobuf(code)
	if err == nil {
		return nil
	}
	f := &syntaxFault{language: "PostgreSQL", reason: err.Error()}
	if e, ok := errors.AsType[*postgres.Error](err); ok {
		f.reason = e.Message
		at := 0 // its position counts characters from 1
		for i := range code {
			if at++; at == e.Cursorpos {
				f.line = lineAt(code, i)
			}
		}
		if e.Cursorpos > at {
			f.line = lineAt(code, len(code))
		}
	}
	return f
}
