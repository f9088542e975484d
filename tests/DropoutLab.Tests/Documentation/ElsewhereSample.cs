using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace DropoutLab.Tests.Documentation;

/// <summary>The program in docs/elsewhere.md, the file's name aside.</summary>
internal sealed class ElsewhereSample(TextWriter Console)
{
    public void Run(string path)
    {
        using InferenceSession session = new(path);
        DenseTensor<byte> images = new(new byte[2 * 32 * 32], [2, 32, 32, 1]);
        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> results =
            session.Run([NamedOnnxValue.CreateFromTensor("input", images)]);
        Tensor<float> probabilities = results[0].AsTensor<float>();
        int label = probabilities.Take(10).Index().MaxBy(pair => pair.Item).Index;
        string best = session.ModelMetadata.CustomMetadataMap[$"class/{label}"];
        Console.WriteLine($"the first of {probabilities.Dimensions[0]} images is most likely a {best}");
    }
}
