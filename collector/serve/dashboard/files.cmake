# SPDX-License-Identifier: MIT
# The page's files as read-only data of the program. Pages of a program that nobody reads take no memory: what nobody
# looks at costs nothing. Sets DASHBOARD_SOURCES.

# Chart.js 3 as the distribution has it: one file, built already.
find_file(SHMETER_CHART_JS chart.min.js PATHS /usr/share/javascript/chart.js /usr/local/share/javascript/chart.js
          NO_DEFAULT_PATH DOC "Chart.js 3, chart.min.js")
if(NOT SHMETER_CHART_JS)
  message(FATAL_ERROR "Chart.js 3 is missing, which the dashboard draws with. Install libjs-chart.js (Debian), or say "
                      "where it is: -DSHMETER_CHART_JS=/path/to/chart.min.js")
endif()
file(READ "${SHMETER_CHART_JS}" chart_begin LIMIT 200)
if(NOT chart_begin MATCHES "Chart\\.js v3\\.")
  message(FATAL_ERROR "${SHMETER_CHART_JS} does not say that it is Chart.js 3")
endif()

set(js text/javascript)
set(DASHBOARD_FILES # path, file, type
  "/" index.html text/html
  "/dashboard.css" dashboard.css text/css
  "/dashboard.js" dashboard.js "${js}"
  "/dashboard/charts.js" charts.js "${js}"
  "/dashboard/format.js" format.js "${js}"
  "/dashboard/page.js" page.js "${js}"
  "/dashboard/tables.js" tables.js "${js}"
  "/dashboard/theme.js" theme.js "${js}"
  "/chart.js" "${SHMETER_CHART_JS}" "${js}")

if(APPLE)
  set(prefix "_") # of C's names
  set(section "__TEXT,__const")
else()
  set(prefix "")
  set(section "dashboard_files,\"a\"")
endif()
set(assembly "// Made by CMake.\n.section ${section}\n")
# In a section of its own, apart from what is read all the time: a fault brings its neighbours into memory, too.
string(APPEND assembly ".balign 4096\n")
set(declarations "")
set(rows "")
set(number 0)
set(files "")
while(DASHBOARD_FILES)
  list(POP_FRONT DASHBOARD_FILES path file type)
  cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY "${CMAKE_CURRENT_LIST_DIR}")
  file(SHA256 "${file}" hash)
  string(SUBSTRING "${hash}" 0 16 hash)
  set(name shmeter_dashboard_${number})
  string(APPEND assembly ".globl ${prefix}${name}\n${prefix}${name}:\n.incbin \"${file}\"\n"
                         ".globl ${prefix}${name}_end\n${prefix}${name}_end:\n.byte 0\n")
  string(APPEND declarations "extern \"C\" const char ${name}[], ${name}_end[];\n")
  string(APPEND rows "      {\"${path}\", \"${type}; charset=utf-8\", {${name}, static_cast<std::size_t>(${name}_end - ${name})}, R\"(\"${hash}\")\"},\n")
  list(APPEND files "${file}")
  math(EXPR number "${number} + 1")
endwhile()
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
  string(APPEND assembly ".section .note.GNU-stack,\"\",%progbits\n")
endif()

set(DASHBOARD_SOURCES "${CMAKE_CURRENT_BINARY_DIR}/dashboard_files.S" "${CMAKE_CURRENT_BINARY_DIR}/dashboard_files.cpp")
file(CONFIGURE OUTPUT dashboard_files.S @ONLY CONTENT "@assembly@")
file(CONFIGURE OUTPUT dashboard_files.cpp @ONLY CONTENT "#include \"collector/serve/dashboard_page.hpp\"
@declarations@std::span<const shmeter::collector::DashboardFile> shmeter::collector::dashboard_files() {
  static const DashboardFile files[] = {
@rows@  };
  return files;
}
")
# What an ETag was made of, and what the assembler reads.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${files}")
set_source_files_properties("${CMAKE_CURRENT_BINARY_DIR}/dashboard_files.S" PROPERTIES OBJECT_DEPENDS "${files}")
