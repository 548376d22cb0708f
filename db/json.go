package db

import (
	"encoding/json"
	"fmt"
)

// ScanJSON reads what a statement gathered into JSON. It is what the Scan method
// of a list consists of.
func ScanJSON(src, into any) error {
	switch v := src.(type) {
	case nil:
		return nil
	case string:
		return json.Unmarshal([]byte(v), into)
	case []byte:
		return json.Unmarshal(v, into)
	default:
		return fmt.Errorf("JSON comes as %T", src)
	}
}
