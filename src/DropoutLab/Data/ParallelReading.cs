using System.Runtime.ExceptionServices;

namespace DropoutLab.Data;

/// <summary>Reads several files at once; of several failures the first file's is thrown.</summary>
internal static class ParallelReading
{
    public static void For(int count, Action<int> read)
    {
        ExceptionDispatchInfo?[] failures = new ExceptionDispatchInfo?[count];
        Parallel.For(0, count, index =>
        {
            try
            {
                read(index);
            }
            catch (Exception exception)
            {
                failures[index] = ExceptionDispatchInfo.Capture(exception);
            }
        });
        Array.Find(failures, failure => failure is not null)?.Throw();
    }
}
