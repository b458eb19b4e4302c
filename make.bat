@echo off
rem Sets up a virtual environment and hands over; all settings are in pyproject.toml and conf.py.
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
%PYTHON% -c "import sys; sys.version_info >= (3, 11) or sys.exit('The site needs Python 3.11 or newer.')"
if errorlevel 1 exit /b 1
for /f %%t in ('%PYTHON% -c "import sys; print(sys.implementation.cache_tag)"') do set TAG=%%t
set VENV=.venv
set READY=%VENV%\ready-%TAG%
set RUN=%VENV%\Scripts\python.exe -m
rem The stamp is a copy of the lock, so that another lock is installed anew.
%PYTHON% -c "import filecmp, os; os._exit(not (os.path.exists(r'%READY%') and filecmp.cmp('requirements.txt', r'%READY%', False)))"
if not errorlevel 1 goto %1
if exist %VENV% rmdir /s /q %VENV%
%PYTHON% -m venv %VENV%
if errorlevel 1 exit /b 1
%RUN% pip install --quiet --require-hashes --requirement requirements.txt
if errorlevel 1 exit /b 1
%RUN% pip install --quiet --no-deps --no-build-isolation --editable .
if errorlevel 1 exit /b 1
copy /b requirements.txt "%READY%" >nul
goto %1

:html
%RUN% sphinx --builder html --nitpicky --fail-on-warning --keep-going --conf-dir . --doctree-dir docs\_build\doctrees %SPHINXOPTS% docs docs\_build\html
exit /b %ERRORLEVEL%

:test
%RUN% pytest %PYTEST_OPTS% --cov
exit /b %ERRORLEVEL%
