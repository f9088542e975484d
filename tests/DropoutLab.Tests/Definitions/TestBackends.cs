using DropoutLab.Backends;
using DropoutLab.Backends.OneDnn;
using DropoutLab.Backends.Reference;

namespace DropoutLab.Tests.Definitions;

/// <summary>Backends for tests.</summary>
internal static class TestBackends
{
    public static ReferenceBackend Reference(int threads = 2) => new(threads);

    /// <summary>oneDNN's kernels; where there are none, the test is skipped and says why.</summary>
    public static OneDnnBackend OneDnn(int threads = 2)
    {
        Assert.SkipUnless(
            OneDnnBackend.TryCreate(threads, out OneDnnBackend? backend, out string reason), $"needs oneDNN: {reason}");
        return backend;
    }

    /// <summary>oneDNN's kernels where there are such, else the plain loops.</summary>
    public static Backend Fastest(int threads = 2) =>
        OneDnnBackend.TryCreate(threads, out OneDnnBackend? backend, out _) ? backend : Reference(threads);

    /// <summary>The plain loops, and oneDNN's kernels where there are such.</summary>
    public static IEnumerable<Backend> All(int threads = 2)
    {
        yield return Reference(threads);
        if (OneDnnBackend.TryCreate(threads, out OneDnnBackend? backend, out _))
            yield return backend;
    }

    public static double RelativeDistance(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        double difference = Math.Sqrt(expected.Zip(actual, (a, b) => (a - b) * (a - b)).Sum());
        double norm = Math.Sqrt(expected.Sum(value => value * value));
        return norm == 0 ? difference : difference / norm;
    }
}
