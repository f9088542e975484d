using System.Runtime.CompilerServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace DropoutLab.Tests.Exchange;

/// <summary>An exported file in another program's hands, which must load it without a word.</summary>
internal sealed class OnnxSession : IDisposable
{
    private static readonly List<string> Said = [];
    private static readonly DOrtLoggingFunction Listen = (_, _, _, _, _, message) =>
    {
        lock (Said)
            Said.Add(message);
    };

    private readonly InferenceSession session;

    static OnnxSession()
    {
        EnvironmentCreationOptions options = new()
        {
            logId = "tests",
            logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING,
            loggingFunction = Listen,
        };
        OrtEnv.CreateInstanceWithOptions(ref options);
    }

    /// <summary>
    /// The runtime has one environment a process, whoever makes it first: what opens a session of its own calls this before.
    /// </summary>
    public static void Prepare() => RuntimeHelpers.RunClassConstructor(typeof(OnnxSession).TypeHandle);

    public OnnxSession(string path)
    {
        lock (Said)
            Said.Clear();
        using SessionOptions options = new() { IntraOpNumThreads = 1 };
        options.LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING;
        session = new InferenceSession(path, options);
        lock (Said)
            Assert.Equal("", string.Join('\n', Said));
    }

    public IReadOnlyDictionary<string, string> Metadata => session.ModelMetadata.CustomMetadataMap;

    public IEnumerable<string> Inputs => session.InputMetadata.Keys;

    public static NamedOnnxValue Of<T>(string name, T[] values, params int[] shape) =>
        NamedOnnxValue.CreateFromTensor(name, new DenseTensor<T>(values, shape));

    /// <summary>An output's numbers.</summary>
    public float[] Run(string output, params NamedOnnxValue[] inputs)
    {
        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> results = session.Run(inputs, [output]);
        return [.. results[0].AsTensor<float>()];
    }

    public void Dispose() => session.Dispose();
}
