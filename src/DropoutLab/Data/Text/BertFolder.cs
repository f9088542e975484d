using System.Text.Json;
using DropoutLab.Backends;
using DropoutLab.Graph;
using DropoutLab.Models;
using DropoutLab.Storage;

namespace DropoutLab.Data.Text;

/// <summary>
/// A BERT encoder in a folder, in Hugging Face's layout: config.json, vocab.txt and model.safetensors, whose arrays are named as
/// the parameters are, with or without <c>bert.</c> before.
/// </summary>
public sealed class BertFolder
{
    private const string ConfigurationName = "config.json", WeightsName = "model.safetensors";
    private const string Kind = "model_type", Activation = "hidden_act", Positions = "position_embedding_type";

    private readonly string weights;

    /// <summary>Reads sizes and vocabulary, and checks that the weights' file has each array in its shape.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="DropoutLabException">
    /// A file is missing or damaged, lacks an array or has it in another shape, or the encoder cannot be computed here.
    /// </exception>
    public BertFolder(string path)
    {
        (Path, weights) = (path, System.IO.Path.Combine(path, WeightsName));
        string configuration = System.IO.Path.Combine(path, ConfigurationName);
        Shape = ShapeOf(configuration);
        Vocabulary = Vocabulary.Read(System.IO.Path.Combine(path, Vocabulary.FileName));
        if (Vocabulary.Count > Shape.VocabularySize)
        {
            throw new DropoutLabException(
                $"{path} has {Vocabulary.Count} tokens in {Vocabulary.FileName}, {Shape.VocabularySize} by {ConfigurationName}: "
                + "each needs an embedding");
        }

        CheckArrays();
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The encoder's sizes.</summary>
    public EncoderShape Shape { get; }

    /// <summary>What cuts sentences into its tokens.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>
    /// Sets parameters of the folder's names to its weights, of 16 or 32 bits. Arrays that are no parameter are left, and so are
    /// parameters that are none of the encoder's, as a head's, where the folder has none of that name and shape.
    /// </summary>
    /// <exception cref="DropoutLabException">
    /// The file cannot be read or is damaged, lacks a parameter, or has it in another shape or with numbers that are none.
    /// </exception>
    public void Load(ParameterStore parameters)
    {
        SafetensorsFile file = SafetensorsFile.Read(weights);
        Dictionary<string, NamedArray> arrays = file.Arrays.ToDictionary(array => array.Name);
        foreach (Parameter parameter in parameters.Parameters)
        {
            NamedArray? array = NameIn(arrays, parameter.Name) is { } name ? arrays[name] : null;
            if (array is not null && array.Shape.SequenceEqual(parameter.Shape.Axes))
                parameters.Write(parameter.Name, ParameterArray.Value, array.FiniteNumbers(weights));
            else if (Bert.IsOfEncoder(parameter.Name))
                throw new DropoutLabException($"{weights} has no {parameter.Name} of the shape {parameter.Shape}");
        }
    }

    /// <summary>
    /// Writes an encoder that other programs open, with tokenizer_config.json beside the vocabulary; each file whole or not at
    /// all.
    /// </summary>
    /// <param name="path">The folder, which is made where there is none.</param>
    /// <param name="shape">The encoder's sizes.</param>
    /// <param name="vocabulary">Its tokens.</param>
    /// <param name="parameters">Its weights; a head's are left out.</param>
    /// <exception cref="DropoutLabException">The folder holds an encoder already, or cannot be written.</exception>
    public static void Write(string path, EncoderShape shape, Vocabulary vocabulary, ParameterStore parameters)
    {
        string configuration = System.IO.Path.Combine(path, ConfigurationName);
        if (File.Exists(configuration))
            throw new DropoutLabException($"{path} holds a model already ({ConfigurationName}): choose another folder");
        IEnumerable<NamedArray> arrays =
            from parameter in parameters.Parameters
            where Bert.IsOfEncoder(parameter.Name)
            select NamedArray.Create<float>(
                parameter.Name, parameter.Shape.Axes, parameters.ReadSingle(parameter.Name, ParameterArray.Value));
        FileFailure.WhileWriting(path, () => Directory.CreateDirectory(path));
        vocabulary.Write(path);
        Dictionary<string, string> metadata = new() { ["format"] = "pt" }; // without which Transformers does not open it
        SafetensorsFile.Write(System.IO.Path.Combine(path, WeightsName), [.. arrays], metadata);
        // Last: without it the folder is no encoder yet.
        AtomicFile.Write(configuration, stream => WriteConfiguration(stream, shape));
    }

    private void CheckArrays()
    {
        Dictionary<string, int[]> stored =
            SafetensorsFile.ReadEntries(weights).ToDictionary(entry => entry.Name, entry => entry.Shape);
        foreach ((string name, int[] shape) in ArraysOf(Shape))
        {
            if (NameIn(stored, name) is not { } found)
                throw new DropoutLabException($"{weights} has no array {name}, which the sizes in {ConfigurationName} need");
            if (!stored[found].SequenceEqual(shape))
            {
                throw new DropoutLabException(
                    $"{weights} holds {found} as {new Shape(stored[found])}, "
                    + $"the sizes in {ConfigurationName} make it {new Shape(shape)}");
            }
        }
    }

    private static EncoderShape ShapeOf(string path)
    {
        JsonSettings settings = JsonSettings.Read(path);
        settings.Require(Kind, "bert");
        settings.Require(Activation, "gelu");
        settings.Require(Positions, "absolute");
        if (settings.Flag("is_decoder", standard: false))
            throw new DropoutLabException($"{path} has is_decoder true: encoders alone can be computed here");
        EncoderShape shape = new(
            settings.Count("hidden_size"),
            settings.Count("num_hidden_layers"),
            settings.Count("num_attention_heads"),
            settings.Count("intermediate_size"),
            settings.Count("vocab_size"),
            settings.Count("max_position_embeddings", standard: 512),
            settings.Count("type_vocab_size", standard: 2),
            settings.Positive("layer_norm_eps", standard: 1e-12));
        return shape.HiddenSize % shape.HeadCount == 0
            ? shape
            : throw new DropoutLabException(
                $"{path} has hidden_size {shape.HiddenSize} for {shape.HeadCount} heads: a multiple of their number is needed");
    }

    private static void WriteConfiguration(Stream stream, EncoderShape shape)
    {
        var settings = new
        {
            architectures = new[] { "BertModel" },
            model_type = "bert",
            hidden_size = shape.HiddenSize,
            num_hidden_layers = shape.LayerCount,
            num_attention_heads = shape.HeadCount,
            intermediate_size = shape.IntermediateSize,
            vocab_size = shape.VocabularySize,
            max_position_embeddings = shape.MaxPositions,
            type_vocab_size = shape.TypeCount,
            layer_norm_eps = shape.LayerNormEpsilon,
            hidden_act = "gelu",
            position_embedding_type = "absolute",
            pad_token_id = 0,
            torch_dtype = "float32",
        };
        JsonSerializer.Serialize(stream, settings, new JsonSerializerOptions { WriteIndented = true });
    }

    /// <summary>The encoder's arrays, one after another: sizes that lie may be of more than there is memory for.</summary>
    private static IEnumerable<(string Name, int[] Shape)> ArraysOf(EncoderShape shape)
    {
        int d = shape.HiddenSize, wide = shape.IntermediateSize;
        (string, int[])[] Norm(string name) => [($"{name}.weight", [d]), ($"{name}.bias", [d])];
        (string, int[])[] Dense(string name, int outputs, int inputs) =>
            [($"{name}.weight", [outputs, inputs]), ($"{name}.bias", [outputs])];

        yield return ("embeddings.word_embeddings.weight", [shape.VocabularySize, d]);
        yield return ("embeddings.position_embeddings.weight", [shape.MaxPositions, d]);
        yield return ("embeddings.token_type_embeddings.weight", [shape.TypeCount, d]);
        foreach ((string, int[]) array in Norm("embeddings.LayerNorm"))
            yield return array;
        for (int i = 0; i < shape.LayerCount; i++)
        {
            string layer = $"encoder.layer.{i}";
            foreach ((string, int[]) array in (IEnumerable<(string, int[])>)
                [
                    .. Dense($"{layer}.attention.self.query", d, d), .. Dense($"{layer}.attention.self.key", d, d),
                    .. Dense($"{layer}.attention.self.value", d, d), .. Dense($"{layer}.attention.output.dense", d, d),
                    .. Norm($"{layer}.attention.output.LayerNorm"), .. Dense($"{layer}.intermediate.dense", wide, d),
                    .. Dense($"{layer}.output.dense", d, wide), .. Norm($"{layer}.output.LayerNorm"),
                ])
            {
                yield return array;
            }
        }
    }

    /// <summary>The first of the names that a parameter may have: layer norms of early files are those of TensorFlow.</summary>
    private static string? NameIn<T>(Dictionary<string, T> stored, string name)
    {
        string early = name
            .Replace("LayerNorm.weight", "LayerNorm.gamma", StringComparison.Ordinal)
            .Replace("LayerNorm.bias", "LayerNorm.beta", StringComparison.Ordinal);
        return new[] { name, $"bert.{name}", early, $"bert.{early}" }.FirstOrDefault(stored.ContainsKey);
    }
}
