organization := "org.example.barge"
name := "barge"
version := "1.0-SNAPSHOT"
crossPaths := false
autoScalaLibrary := false
