package store

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// notInFIPS are functions that PostgreSQL, MySQL or MariaDB refuse, or answer with NULL, in FIPS mode, and those of the
// extension pgcrypto, which is not everywhere.
var notInFIPS = regexp.MustCompile(`(?i)\b(md5|sha|sha1|crypt|encrypt|des_encrypt|des_decrypt|old_password|password|gen_salt|digest|hmac|pgp_\w+|gen_random_uuid|uuid_generate_\w+)\s*\(`)

func TestStatementsUseNoFunctionThatFIPSRefuses(t *testing.T) {
	for statement, refused := range map[string]bool{"SELECT MD5(x)": true, "select sha1 (x)": true, "DIGEST(x, 'md5')": true,
		"SELECT SHA2(x, 256)": false, "CRC32(x)": false, "HASHTEXT(x)": false, "amd5(x)": false} {
		if notInFIPS.MatchString(statement) != refused {
			t.Errorf("%s: refused must be %v", statement, refused)
		}
	}
	texts := 0
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "testdata") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(node ast.Node) bool {
			if text, ok := node.(*ast.BasicLit); ok && text.Kind == token.STRING {
				texts++
				if found := notInFIPS.FindString(text.Value); found != "" {
					t.Errorf("%s: %s… in %s", path, found, text.Value)
				}
			}
			return true
		})
		return nil
	})
	if err != nil || texts < 500 {
		t.Fatalf("%d texts were read, %v", texts, err)
	}
}
