# my own additions
set -g fish_greeting
