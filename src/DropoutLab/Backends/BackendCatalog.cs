using DropoutLab.Backends.OneDnn;
using DropoutLab.Backends.Reference;

namespace DropoutLab.Backends;

/// <summary>Chooses a backend by its name on the command line.</summary>
public static class BackendCatalog
{
    /// <summary>Makes a backend.</summary>
    /// <param name="name">onednn, reference, or auto: oneDNN where it is there.</param>
    /// <param name="threads">
    /// How many threads it uses; null for all processors. OpenMP may grant fewer: <see cref="Backend.ThreadCount"/> says.
    /// </param>
    /// <param name="advice">One line for the user where something would make it faster, else null.</param>
    /// <exception cref="DropoutLabException">There is no such backend, or no oneDNN although it was asked for.</exception>
    public static Backend Create(string name, int? threads, out string? advice)
    {
        advice = null;
        if (threads is < 1 or > 1024)
            throw new DropoutLabException(
                $"the number of threads must be from 1 to 1024, not {threads}", SettingName.Threads, threads);
        if (name == "reference")
            return new ReferenceBackend(threads);
        if (name is not ("auto" or "onednn"))
            throw new DropoutLabException(
                $"there is no backend '{name}': choose auto, onednn or reference", SettingName.Backend, name);
        if (OneDnnBackend.TryCreate(threads, out OneDnnBackend? backend, out string reason))
        {
            int asked = threads ?? Environment.ProcessorCount;
            if (backend.ThreadCount < asked)
            {
                advice = $"OpenMP grants {backend.ThreadCount} of {asked} threads, which is what is used; "
                    + "OMP_THREAD_LIMIT and OMP_MAX_ACTIVE_LEVELS limit them";
            }

            return backend;
        }

        if (name == "onednn")
            throw new DropoutLabException(reason, SettingName.Backend, name);
        advice = $"{reason}; the reference backend runs instead, about ten times slower";
        return new ReferenceBackend(threads);
    }
}
