from poolcontext import list_start_methods

if __name__ == "__main__":
    methods = list_start_methods()
    print("This platform offers:", ", ".join(methods.available) or "none")
    print("A pool uses by default:", methods.default or "nothing")
    print("Chosen in this process so far:", methods.chosen or "nothing")
