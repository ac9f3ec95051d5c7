// Does nothing, well: a program of its own, as that of busybox goes by the name it is called by.
package main

func main() {}
