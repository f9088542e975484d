using DropoutLab.Backends;
using DropoutLab.Backends.OneDnn;
using DropoutLab.Backends.Reference;

namespace DropoutLab.Tests.Definitions;

/// <summary>Backends for tests. Where there is no oneDNN, its tests say so and why, and assert nothing.</summary>
internal static class TestBackends
{
    public static ReferenceBackend Reference(int threads = 2) => new(threads);

    public static bool TryOneDnn(out OneDnnBackend backend, int threads = 2)
    {
        if (OneDnnBackend.TryCreate(threads, out OneDnnBackend? found, out string reason))
        {
            backend = found;
            return true;
        }

        backend = null!;
        TestContext.Current.AddWarning($"not run: {reason}");
        return false;
    }

    /// <summary>The plain loops, and oneDNN's kernels where there are such.</summary>
    public static IEnumerable<Backend> All()
    {
        yield return Reference();
        if (TryOneDnn(out OneDnnBackend onednn))
            yield return onednn;
    }

    public static double RelativeDistance(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        double difference = Math.Sqrt(expected.Zip(actual, (a, b) => (a - b) * (a - b)).Sum());
        double norm = Math.Sqrt(expected.Sum(value => value * value));
        return norm == 0 ? difference : difference / norm;
    }
}
