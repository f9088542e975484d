using System.Collections;
using System.Runtime.InteropServices;

namespace DropoutLab.Cli.Machine;

/// <summary>Which processors OpenMP's threads keep to, as its users say in variables.</summary>
internal static partial class ThreadBinding
{
    /// <summary>
    /// Those of GNU's, LLVM's and Intel's runtimes; some have further forms with a suffix, as OMP_PROC_BIND_ALL.
    /// </summary>
    private static readonly string[] Variables =
        ["OMP_PROC_BIND", "OMP_PLACES", "GOMP_CPU_AFFINITY", "KMP_AFFINITY", "KMP_HW_SUBSET", "KMP_PLACE_THREADS"];

    /// <summary>
    /// Removes them for this process and those that it starts, before it loads a runtime. They are meant for one process: of
    /// several, each would keep to the same first processors, and inherit that. Without them the system gives each processors of
    /// its own, of those that it was started on (taskset, a container, a batch system).
    /// </summary>
    public static void Forget()
    {
        string[] names =
            [.. Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(variable => (string)variable.Key)];
        foreach (string name in names.Where(
            name => Variables.Any(variable => name.StartsWith(variable, StringComparison.Ordinal))))
        {
            Environment.SetEnvironmentVariable(name, null);
            if (!OperatingSystem.IsWindows())
                _ = RemoveNatively(name); // .NET has an environment of its own, which native libraries do not see
        }
    }

    [LibraryImport("libc", EntryPoint = "unsetenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RemoveNatively(string name);
}
