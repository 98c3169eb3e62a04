/* SPDX-License-Identifier: MIT
 * The program that does nothing, in C: linked statically and dynamically it is what an ordinary
 * small tool costs before its first line. */
int main(void) { return 0; }
