@echo off
rem Sets up a virtual environment and hands over, as the Makefile does:
rem   make.bat html
rem   make.bat test
rem   set PYTHON=py -3.14   chooses another Python for what follows
setlocal
cd /d "%~dp0"
if "%PYTHON%"=="" set PYTHON=python
if "%1"=="html" goto setup
if "%1"=="test" goto setup
echo make.bat takes html or test
exit /b 2

:setup
%PYTHON% .ci\environment.py .venv requirements.txt
if errorlevel 1 exit /b 1
goto %1

:html
.venv\Scripts\python.exe -m sphinx --builder html --nitpicky --fail-on-warning --conf-dir . --doctree-dir docs\_build\doctrees %SPHINXOPTS% docs docs\_build\html
exit /b %ERRORLEVEL%

:test
.venv\Scripts\python.exe -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder %PYTEST_OPTS%
exit /b %ERRORLEVEL%
