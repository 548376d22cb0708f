package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// entries are the assets a page names. What they import (fonts, for one) follows
// by itself.
var entries = []string{
	"static/js/app.js",
	"static/css/app.css",
	"static/img/veche.svg",
}

// bundle builds the entries into out.
func bundle(root string, out *output) error {
	result := api.Build(api.BuildOptions{
		AbsWorkingDir:     root,
		EntryPoints:       entries,
		Outdir:            "static/dist",
		EntryNames:        "[name]-[hash]",
		AssetNames:        "[name]-[hash]",
		Bundle:            true,
		Format:            api.FormatIIFE,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		LegalComments:     api.LegalCommentsNone,
		Charset:           api.CharsetUTF8,
		// Browsers of the last years; older ones read pages and send forms, for
		// which no script is needed.
		Engines: []api.Engine{
			{Name: api.EngineChrome, Version: "111"},
			{Name: api.EngineFirefox, Version: "113"},
			{Name: api.EngineSafari, Version: "15.4"},
		},
		Loader:     map[string]api.Loader{".woff2": api.LoaderFile, ".svg": api.LoaderCopy},
		Metafile:   true,
		LogLevel:   api.LogLevelSilent,
		PublicPath: "/static",
	})
	if len(result.Errors) > 0 {
		return errors.New(strings.Join(api.FormatMessages(result.Errors, api.FormatMessagesOptions{}), ""))
	}
	if len(result.Warnings) > 0 {
		return errors.New(strings.Join(api.FormatMessages(result.Warnings, api.FormatMessagesOptions{}), ""))
	}

	names, err := plainNames(result.Metafile)
	if err != nil {
		return err
	}
	for _, file := range result.OutputFiles {
		hashed := filepath.Base(file.Path)
		plain, ok := names[hashed]
		if !ok {
			return fmt.Errorf("no source known for %s", hashed)
		}
		out.manifest[plain] = hashed
		if err := out.write(hashed, file.Contents); err != nil {
			return err
		}
		if err := out.compress(hashed, file.Contents); err != nil {
			return err
		}
	}
	return nil
}

// plainNames leads from each written name to the name of its source: the entry
// point of a bundle, the one input of a copied file.
func plainNames(metafile string) (map[string]string, error) {
	var meta struct {
		Outputs map[string]struct {
			EntryPoint string
			Inputs     map[string]any
		}
	}
	if err := json.Unmarshal([]byte(metafile), &meta); err != nil {
		return nil, fmt.Errorf("read esbuild's metafile: %w", err)
	}
	names := map[string]string{}
	for written, made := range meta.Outputs {
		source := made.EntryPoint
		for input := range made.Inputs {
			if source == "" {
				source = input
			}
		}
		names[filepath.Base(written)] = filepath.Base(source)
	}
	return names, nil
}
