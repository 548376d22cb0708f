// Package arch holds, by its tests alone, what a reader may rely on everywhere: the
// directions of imports, the names under which area packages are imported, files
// short enough to read, and nothing of third parties among the sources.
package arch
